package org.ioasis.smmuv3.hardware;

import org.ioasis.kit.cache.ConfigurationCache;
import org.ioasis.kit.cache.TagTree;
import org.ioasis.smmuv3.format.Cd;

/**
 * A legal CD of one StreamID and SubstreamID, decoded; or the verdict that reading it ended in,
 * which is never cached.
 *
 * <p><b>Threading:</b> immutable.
 */
final class ContextEntry extends ConfigurationCache.Entry {
  /** In the context of a tag: translations that hold for every ASID, of ASET 0 or 1. */
  static final int GLOBAL_CONTEXT = 1 << 16;

  private static final int SSID_BITS = 20;
  private static final int ADDRESS_SELECT = 55;
  private static final int NO_TOP_BYTE = 8;

  final long verdict;
  final long[] words;
  final int sid;
  final int ssid;
  final int asid;

  /** Keys of the nodes of ASID-tagged and of global translations in the tag tree. */
  final long tagKey;

  final long globalKey;
  final Regime lower;

  /** Null in worlds of one range. */
  final Regime upper;

  final boolean tbi0;
  final boolean tbi1;
  final boolean had0;
  final boolean had1;
  final boolean wxn;
  final boolean pan;
  final boolean oneRange;
  private final boolean stalls;
  private final boolean records;
  private final boolean aborts;

  /** A legal descriptor. */
  ContextEntry(StreamEntry ste, int sid, int ssid, long[] words, Capabilities can) {
    super(key(sid, ssid));
    this.verdict = 0;
    this.words = words;
    this.sid = sid;
    this.ssid = ssid;
    this.oneRange = ste.oneRange();
    this.asid = oneRange ? 0 : (int) Cd.ASID.get(words);
    int global = GLOBAL_CONTEXT | (int) Cd.ASET.get(words);
    this.globalKey = TagTree.key(ste.domain(), global);
    this.tagKey = oneRange ? globalKey : TagTree.key(ste.domain(), asid);
    this.lower = Regime.stage1(words, false, oneRange, can);
    this.upper = oneRange ? null : Regime.stage1(words, true, false, can);
    this.tbi0 = Cd.TBI0.isSet(words);
    this.tbi1 = Cd.TBI1.isSet(words);
    this.had0 = can.hierarchicalDisable() && Cd.HAD0.isSet(words);
    this.had1 = can.hierarchicalDisable() && Cd.HAD1.isSet(words);
    this.wxn = Cd.WXN.isSet(words);
    this.pan = Cd.PAN.isSet(words) && !oneRange;
    this.stalls = Cd.S.isSet(words) && can.stalls();
    this.records = Cd.R.isSet(words);
    this.aborts = Cd.A.isSet(words);
  }

  /** No descriptor. */
  ContextEntry(long verdict) {
    super(-1);
    this.verdict = verdict;
    this.words = null;
    this.sid = 0;
    this.ssid = 0;
    this.asid = 0;
    this.tagKey = 0;
    this.globalKey = 0;
    this.lower = null;
    this.upper = null;
    this.tbi0 = false;
    this.tbi1 = false;
    this.had0 = false;
    this.had1 = false;
    this.wxn = false;
    this.pan = false;
    this.oneRange = false;
    this.stalls = false;
    this.records = false;
    this.aborts = false;
  }

  /** The key of a StreamID and SubstreamID. */
  static long key(int sid, int ssid) {
    return Integer.toUnsignedLong(sid) << SSID_BITS | ssid;
  }

  /** Whether an address is of the upper half. */
  boolean isUpper(long address) {
    return !oneRange && (address >>> ADDRESS_SELECT & 1) != 0;
  }

  /** The tables for an address. */
  Regime tables(boolean upperHalf) {
    return upperHalf ? upper : lower;
  }

  /**
   * The address without a tag byte that is ignored: its bits 63:56 are those of bit 55.
   * Translations are cached under it.
   */
  long untagged(long address, boolean upperHalf) {
    boolean ignored = upperHalf ? tbi1 : tbi0;
    return ignored ? address << NO_TOP_BYTE >> NO_TOP_BYTE : address;
  }

  /**
   * Whether an untagged address lies in a range: every bit from the input size upwards equals bit
   * 55, or is 0 where there is one range.
   */
  boolean isInRange(long untagged, boolean upperHalf) {
    long top = untagged >> tables(upperHalf).inputBits;
    return top == (upperHalf ? -1 : 0);
  }

  /** What becomes of a translation fault that stage 1 found. */
  long faultOfStage1(long found) {
    if (!Verdict.type(found).isTranslationFault()) {
      return found;
    }
    int end;
    if (stalls) {
      end = Verdict.STALL;
    } else if (aborts) {
      end = records ? Verdict.ABORT_RECORDED : Verdict.ABORT;
    } else {
      end = records ? Verdict.QUIET_RECORDED : Verdict.QUIET;
    }
    return Verdict.ending(found, end);
  }
}
