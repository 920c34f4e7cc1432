package org.ioasis.smmuv3.hardware;

import org.ioasis.api.memory.MemoryStatus;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.kit.cache.CacheWord;
import org.ioasis.kit.cache.InvalidationEpoch;
import org.ioasis.kit.cache.TagTree;
import org.ioasis.smmuv3.format.Cd;
import org.ioasis.smmuv3.format.L1Cd;
import org.ioasis.smmuv3.format.L1Std;
import org.ioasis.smmuv3.format.Ste;

/**
 * Goes through stream tables and CD tables in order of StreamID and SubstreamID. Bounds: 2^{@value
 * #MOST_STREAMS_LG2} StreamIDs and the 2^20 SubstreamIDs of each; a table that memory does not have
 * ends with its first absent page.
 *
 * <p><b>Threading:</b> any thread.
 */
final class StreamScan {
  private static final int MOST_STREAMS_LG2 = 22;
  private static final long PAGE = 0x1000;
  private static final int WORDS = 8;

  private final PhysicalMemory memory;
  private final Capabilities can;
  private final StructureChecks checks;
  private final Stage2Walk stage2;
  private final Latched latched;

  StreamScan(PhysicalMemory memory, Capabilities can, Stage2Walk stage2, Latched latched) {
    this.memory = memory;
    this.can = can;
    this.checks = new StructureChecks(can);
    this.stage2 = stage2;
    this.latched = latched;
  }

  /**
   * Scans.
   *
   * @param source one StreamID, or -1 for all
   */
  void scan(int source, StreamVisitor visitor) {
    if (!latched.enabled()) {
      return;
    }
    int bits = Math.min(latched.streamBits(), MOST_STREAMS_LG2);
    long first = source == -1 ? 0 : Integer.toUnsignedLong(source);
    long last = source == -1 ? (1L << bits) - 1 : first;
    if (first >>> latched.streamBits() != 0) {
      return;
    }
    if (latched.twoLevel()) {
      twoLevel(first, last, visitor);
    } else {
      streams(latched.streamTable(), first, first, last, visitor);
    }
  }

  private void twoLevel(long first, long last, StreamVisitor visitor) {
    int split = latched.split();
    for (long index = first >>> split; index <= last >>> split; index++) {
      long at = latched.streamTable() + index * L1Std.BYTES;
      boolean fresh = (at & PAGE - 1) == 0 || index == first >>> split;
      if (fresh && !page(-1, at, "stream-table-l1", visitor)) {
        return;
      }
      long descriptor = memory.load64(at);
      long entries = L1Std.entries(descriptor);
      if (entries == 0 || L1Std.SPAN.get(descriptor) > split + 1) {
        continue;
      }
      long base = index << split;
      long from = Math.max(first, base);
      long to = Math.min(last, base + entries - 1);
      if (from <= to && !streams(L1Std.base(descriptor), from - base, from, to, visitor)) {
        return;
      }
    }
  }

  /** Visits a page; false ends the scan, an absent page ends its table. */
  private boolean page(int sid, long address, String kind, StreamVisitor visitor) {
    long page = address & -PAGE;
    if (memory.status(address, 8) != MemoryStatus.OK) {
      visitor.unreadable(sid, page, kind);
      return false;
    }
    return visitor.page(page, kind);
  }

  private boolean streams(
      long table, long firstIndex, long firstSid, long lastSid, StreamVisitor visitor) {
    long at = table + firstIndex * Ste.BYTES;
    for (long sid = firstSid; sid <= lastSid; sid++, at += Ste.BYTES) {
      boolean fresh = (at & PAGE - 1) == 0 || sid == firstSid;
      if (fresh) {
        if (memory.status(at, Ste.BYTES) != MemoryStatus.OK) {
          return visitor.unreadable((int) sid, at & -PAGE, "stream-table");
        }
        if (!visitor.page(at & -PAGE, "stream-table")) {
          return false;
        }
      }
      if (!stream((int) sid, at, visitor)) {
        return false;
      }
    }
    return true;
  }

  private boolean stream(int sid, long at, StreamVisitor visitor) {
    if (!Ste.V.isSet(memory.load64(at))) {
      return true;
    }
    long[] words = words(at);
    String objection = checks.stream(words);
    if (!visitor.device(sid, words, objection)) {
      return false;
    }
    if (objection != null || Ste.CONFIG.get(words) < Ste.CONFIG_BYPASS) {
      return true;
    }
    StreamEntry ste = new StreamEntry(sid, words, latched, can);
    boolean more = visitor.stream(sid, ste);
    return more && (!ste.stage1 || contexts(sid, ste, visitor));
  }

  private long[] words(long at) {
    long[] words = new long[WORDS];
    for (int word = 0; word < WORDS; word++) {
      words[word] = memory.load64(at + word * 8L);
    }
    return words;
  }

  /** A place behind stage 2, negative if there is none. */
  private long locate(StreamEntry ste, long address) {
    if (!ste.stage2) {
      return address;
    }
    long plan = StageWalk.plan(Rights.PR, TagTree.NO_TAG);
    long word =
        stage2.translate(
            ste,
            address,
            StageWalk.withOrigin(plan, Verdict.STAGE_2_CD),
            InvalidationEpoch.NO_FILL);
    return word < 0
        ? -1
        : CacheWord.address(word) | (address & ((1L << stage2.caches.sizeLg2(word)) - 1));
  }

  private boolean contexts(int sid, StreamEntry ste, StreamVisitor visitor) {
    long pointer = Ste.S1CONTEXTPTR.inPlace(ste.words);
    int bits = ste.contextBits;
    if (bits == 0) {
      return run(sid, ste, pointer, 0, 1, visitor);
    }
    long format = Ste.S1FMT.get(ste.words);
    if (format != 1 && format != 2) {
      long table = pointer & -((long) Cd.BYTES << bits);
      return run(sid, ste, table, 0, 1 << bits, visitor);
    }
    int split = format == 1 ? ConfigurationReader.SPLIT_4K : ConfigurationReader.SPLIT_64K;
    int count = bits <= split ? 1 : 1 << (bits - split);
    long table = pointer & -Math.max(64, 8L * count);
    for (int index = 0; index < count; index++) {
      long at = locate(ste, table + 8L * index);
      if (at < 0 || memory.status(at, 8) != MemoryStatus.OK) {
        return visitor.unreadable(sid, table, "cd-table-l1");
      }
      boolean fresh = index == 0 || (table + 8L * index & PAGE - 1) == 0;
      if (fresh && !visitor.page(at & -PAGE, "cd-table-l1")) {
        return false;
      }
      long descriptor = memory.load64(at);
      int first = index << split;
      int length = Math.min(1 << split, (1 << bits) - first);
      if (L1Cd.V.isSet(descriptor)
          && !run(sid, ste, L1Cd.L2PTR.inPlace(descriptor), first, length, visitor)) {
        return false;
      }
    }
    return true;
  }

  private boolean run(
      int sid, StreamEntry ste, long table, int first, int count, StreamVisitor visitor) {
    for (int index = 0; index < count; index++) {
      long address = table + (long) index * Cd.BYTES;
      long at = locate(ste, address);
      if (at < 0 || memory.status(at, Cd.BYTES) != MemoryStatus.OK) {
        return visitor.unreadable(sid, address & -PAGE, "cd-table");
      }
      boolean fresh = index == 0 || (address & PAGE - 1) == 0;
      if (fresh && !visitor.page(at & -PAGE, "cd-table")) {
        return false;
      }
      if (!Cd.V.isSet(memory.load64(at))) {
        continue;
      }
      long[] words = words(at);
      int ssid = first + index;
      boolean own = ssid == 0 && (ste.contextBits == 0 || ste.s1dss == Ste.S1DSS_SSID0);
      if (checks.context(words, ste) == null
          && !visitor.context(
              sid, own ? -1 : ssid, ste, new ContextEntry(ste, sid, ssid, words, can))) {
        return false;
      }
    }
    return true;
  }
}
