package org.ioasis.smmuv3.hardware;

import org.ioasis.kit.cache.ConfigurationCache;
import org.ioasis.kit.cache.TagTree;
import org.ioasis.smmuv3.format.Ste;

/**
 * A legal STE, decoded; or the verdict that reading it ended in, which is never cached.
 *
 * <p><b>Threading:</b> immutable.
 */
final class StreamEntry extends ConfigurationCache.Entry {
  /** StreamWorlds: Non-secure EL1, EL2, EL2 with E2H. */
  static final int EL1 = 0, EL2 = 1, EL2_E2H = 2;

  /** The domain of the EL2 worlds in the tag tree; VMIDs are the others. */
  static final int EL2_DOMAIN = TagTree.SECOND_GROUP;

  private static final int STRW_EL2 = 2;
  private static final int OVERRIDE_FIRST = 2;

  final long verdict;
  final long[] words;
  final int config;
  final boolean stage1;
  final boolean stage2;
  final int world;
  final int vmid;

  /** log2 of the CDs; 0 if SubstreamIDs are disabled. */
  final int contextBits;

  final int s1dss;

  /** Stage 2, null if it is not enabled. */
  final Regime tables2;

  /** Key of the node of stage 2 in the tag tree. */
  final long tagKey;

  final boolean stalls2;
  final boolean records2;

  /** S2PTW: stage-1 tables and CDs in Device memory are refused. */
  final boolean protectsWalks;

  /** EATS as it stands there. */
  final int eats;

  final boolean mergesEvents;
  final boolean responsesCarryPasid;

  /** 0 as the transaction comes, 2 or 3 unprivileged or privileged; data or instruction. */
  final int privileges;

  final int instructions;

  /** A legal entry. */
  StreamEntry(int sid, long[] words, Latched latched, Capabilities can) {
    super(key(sid));
    this.verdict = 0;
    this.words = words;
    this.config = (int) Ste.CONFIG.get(words);
    boolean translates = config >= Ste.CONFIG_BYPASS;
    this.stage1 = translates && (config & 1) != 0;
    this.stage2 = translates && (config & 2) != 0;
    this.world = world(words, config, latched, can);
    this.vmid = world == EL1 && can.stage2() ? (int) Ste.S2VMID.get(words) : 0;
    this.contextBits = can.ssidBits() == 0 ? 0 : (int) Ste.S1CDMAX.get(words);
    this.s1dss = (int) Ste.S1DSS.get(words);
    this.tables2 = stage2 ? Regime.stage2(words, can) : null;
    this.tagKey = TagTree.key(vmid, TagTree.NO_CONTEXT);
    this.stalls2 = Ste.S2S.isSet(words) && can.stalls();
    this.records2 = Ste.S2R.isSet(words);
    this.protectsWalks = Ste.S2PTW.isSet(words);
    this.eats = can.ats() ? (int) Ste.EATS.get(words) : 0;
    this.mergesEvents = Ste.MEV.isSet(words);
    this.responsesCarryPasid = Ste.PPAR.isSet(words);
    this.privileges = can.overridesPermissions() ? override(Ste.PRIVCFG.get(words)) : 0;
    this.instructions = can.overridesPermissions() ? override(Ste.INSTCFG.get(words)) : 0;
  }

  /** No entry. */
  StreamEntry(int sid, long verdict) {
    super(key(sid));
    this.verdict = verdict;
    this.words = null;
    this.config = 0;
    this.stage1 = false;
    this.stage2 = false;
    this.world = EL1;
    this.vmid = 0;
    this.contextBits = 0;
    this.s1dss = 0;
    this.tables2 = null;
    this.tagKey = 0;
    this.stalls2 = false;
    this.records2 = false;
    this.protectsWalks = false;
    this.eats = 0;
    this.mergesEvents = false;
    this.responsesCarryPasid = false;
    this.privileges = 0;
    this.instructions = 0;
  }

  /** The key of a StreamID. */
  static long key(int sid) {
    return Integer.toUnsignedLong(sid);
  }

  /** STRW counts for stage 1 alone and where there is an EL2. */
  static int world(long[] words, int config, Latched latched, Capabilities can) {
    boolean counts = config == Ste.CONFIG_S1 && can.el2();
    if (!counts || Ste.STRW.get(words) != STRW_EL2) {
      return EL1;
    }
    return latched.e2h() ? EL2_E2H : EL2;
  }

  private static int override(long field) {
    return field < OVERRIDE_FIRST ? 0 : (int) field;
  }

  /** Whether translations have one range of addresses and one privilege. */
  boolean oneRange() {
    return world == EL2;
  }

  /** Whether the entry changes what a transaction says of itself. */
  boolean overrides() {
    return (privileges | instructions) != 0;
  }

  /** Whether the transaction counts as privileged. */
  boolean privileged(boolean incoming) {
    return privileges == 0 ? incoming : privileges == 3;
  }

  /** Whether a read counts as an instruction fetch. */
  boolean instruction(boolean incoming) {
    return instructions == 0 ? incoming : instructions == 3;
  }

  /** What becomes of a translation fault that stage 2 found. */
  long faultOfStage2(long found) {
    if (!Verdict.type(found).isTranslationFault()) {
      return found;
    }
    return Verdict.ending(
        found, stalls2 ? Verdict.STALL : records2 ? Verdict.ABORT_RECORDED : Verdict.ABORT);
  }

  /** Number of the domain that its stage-1 translations belong to. */
  int domain() {
    return world == EL1 ? vmid : EL2_DOMAIN;
  }
}
