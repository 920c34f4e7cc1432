package org.ioasis.smmuv3.hardware;

import org.ioasis.smmuv3.format.Cr0;
import org.ioasis.smmuv3.format.Cr2;
import org.ioasis.smmuv3.format.Gbpa;
import org.ioasis.smmuv3.format.StrtabBase;

/**
 * What the hardware took from registers and works with, as one immutable snapshot: a transaction
 * reads it once, so that a change meets it as a whole. "SMMU_CR0", "SMMU_CR2", "SMMU_STRTAB_BASE".
 *
 * @param enabled SMMUEN
 * @param atsCheck ATSCHK
 * @param streamTable address of the stream table, low bits cleared
 * @param streamBits StreamIDs of more bits are out of range
 * @param twoLevel whether the stream table has two levels
 * @param split StreamID bits of the second level
 * @param e2h whether the EL2 StreamWorld is EL2-E2H
 * @param recordsBadStreams RECINVSID
 * @param recordsAtsErrors REC_CFG_ATS
 * @param gbpa what bypassed transactions get
 */
record Latched(
    boolean enabled,
    boolean atsCheck,
    long streamTable,
    int streamBits,
    boolean twoLevel,
    int split,
    boolean e2h,
    boolean recordsBadStreams,
    boolean recordsAtsErrors,
    long gbpa) {
  /**
   * What the registers say.
   *
   * @param base SMMU_STRTAB_BASE
   * @param cfg SMMU_STRTAB_BASE_CFG
   */
  static Latched of(Capabilities can, long cr0, long cr2, long base, long cfg, long gbpa) {
    boolean twoLevel = StrtabBase.isTwoLevel(cfg) && can.twoLevelStreams();
    long effective = twoLevel ? cfg : StrtabBase.FMT.put(cfg, StrtabBase.FMT_LINEAR);
    return new Latched(
        Cr0.SMMUEN.isSet(cr0),
        Cr0.ATSCHK.isSet(cr0) && can.ats(),
        StrtabBase.address(base, effective),
        (int) Math.min(StrtabBase.LOG2SIZE.get(cfg), can.sidBits()),
        twoLevel,
        StrtabBase.split(cfg),
        Cr2.E2H.isSet(cr2) && can.el2(),
        Cr2.RECINVSID.isSet(cr2),
        Cr2.REC_CFG_ATS.isSet(cr2) && can.recordsAtsErrors(),
        gbpa & ~Gbpa.UPDATE.mask());
  }
}
