package org.ioasis.vtd.hardware;

import org.ioasis.vtd.format.PasidTableEntry;

/**
 * What a PASID table entry switches on in the walks of its tables; a bit whose capability the unit
 * lacks switches nothing on. VT-d, "Scalable-Mode PASID Table Entry".
 *
 * <p>Walks are non-coherent when PWSNP leaves snooping off. A unit without ECAP.SMPWCS cannot
 * snoop: its first-stage updates are done all the same, as emulated machines do, its second-stage
 * ones are not.
 *
 * @param secondMarks SSADE: second-stage walks set A and D
 * @param secondExecutes SSEE: second-stage X counts
 * @param secondCoherent second-stage A and D can be set
 * @param firstCoherent first-stage A, D and EA can be set
 * @param executeDisable NXE: first-stage XD counts
 * @param writeProtect WPE: supervisor writes honour R/W
 * @param supervisorExecuteProtect SMEP: supervisors must not execute user pages
 * @param extendedAccessed EAFE: first-stage walks set EA
 * @param snoops PGSNP: every access snoops
 */
record StageControls(
    boolean secondMarks,
    boolean secondExecutes,
    boolean secondCoherent,
    boolean firstCoherent,
    boolean executeDisable,
    boolean writeProtect,
    boolean supervisorExecuteProtect,
    boolean extendedAccessed,
    boolean snoops) {

  /** Legacy mode: nothing. */
  static final StageControls LEGACY =
      new StageControls(false, false, true, true, false, false, false, false, false);

  /** From words 0 to 2 of an entry. */
  static StageControls of(Capabilities can, long word0, long word1, long word2) {
    boolean snoops = PasidTableEntry.PWSNP.isSet(word1);
    boolean canSnoop = can.coherentScalableWalks();
    return new StageControls(
        can.secondStageAccessedDirty() && PasidTableEntry.SSADE.isSet(word0),
        can.executeRequests() && PasidTableEntry.SSEE.isSet(word0),
        canSnoop && snoops,
        !canSnoop || snoops,
        PasidTableEntry.NXE.isSet(word2),
        PasidTableEntry.WPE.isSet(word2),
        PasidTableEntry.SMEP.isSet(word2),
        can.extendedAccessed() && PasidTableEntry.EAFE.isSet(word2),
        can.snoopControl() && PasidTableEntry.PGSNP.isSet(word1));
  }
}
