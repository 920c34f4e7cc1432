package org.ioasis.vtd.driver;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.EnumSet;
import java.util.Set;
import org.ioasis.api.Blob;
import org.ioasis.api.driver.DriverCapabilities;
import org.ioasis.api.driver.DriverFeature;
import org.ioasis.vtd.format.AddressBits;
import org.ioasis.vtd.format.Cap;
import org.ioasis.vtd.format.Ecap;

/**
 * What the identification registers claim, as far as this driver uses it. VT-d, "Capability
 * Register", "Extended Capability Register".
 *
 * @param cap CAP register
 * @param ecap ECAP register
 * @param scalable whether the driver runs the unit in scalable mode
 * @param hostBits widest physical address that entries may hold
 */
record Claims(long cap, long ecap, boolean scalable, int hostBits) {
  /** First domain-id handed out: 0 tags what has no domain under caching mode, 1 is left free. */
  static final int FIRST_DID = 2;

  private static final int LEAST_LEVELS = 3;
  private static final int USUAL_LEVELS = 4;
  private static final int MOST_LEVELS = 5;

  /** CAP.CM. */
  boolean cachingMode() {
    return Cap.CM.isSet(cap);
  }

  /** CAP.RWBF. */
  boolean writeBuffers() {
    return Cap.RWBF.isSet(cap);
  }

  /** CAP.ESRTPS: SRTP empties the caches by itself. */
  boolean rootPointerInvalidates() {
    return Cap.ESRTPS.isSet(cap);
  }

  /** Largest address mask of a page-selective invalidation, -1 without CAP.PSI. */
  int addressMask() {
    return Cap.PSI.isSet(cap) ? (int) Cap.MAMV.get(cap) : -1;
  }

  /** Fault recording registers, 1 to 256. */
  int faultRecords() {
    return (int) Cap.NFR.get(cap) + 1;
  }

  /** Byte offset of FRCD[0]. */
  long faultRecordOffset() {
    return Cap.FRO.get(cap) * 16;
  }

  /** Width of a guest address, CAP.MGAW + 1. */
  int guestBits() {
    return (int) Cap.MGAW.get(cap) + 1;
  }

  /** Width of a domain-id. */
  int didBits() {
    return Math.min(16, 4 + 2 * (int) Cap.ND.get(cap));
  }

  /** Whether walks of root, context and PASID structures snoop. */
  boolean coherentStructures() {
    return Ecap.C.isSet(ecap);
  }

  /** Whether walks of page tables snoop. */
  boolean coherentTables() {
    return scalable ? Ecap.SMPWCS.isSet(ecap) : Ecap.C.isSet(ecap);
  }

  /** Whether paging domains can have first-stage tables. */
  boolean firstStage() {
    return scalable && Ecap.FSTS.isSet(ecap);
  }

  /** Whether paging domains can have second-stage tables. */
  boolean secondStage() {
    return (!scalable || Ecap.SSTS.isSet(ecap)) && secondStageLevels(0) > 0;
  }

  /** ECAP.PT. */
  boolean passThrough() {
    return Ecap.PT.isSet(ecap);
  }

  /** ECAP.SC. */
  boolean snoopControl() {
    return Ecap.SC.isSet(ecap);
  }

  /** ECAP.DT: device TLBs can be invalidated. */
  boolean deviceTlbs() {
    return Ecap.DT.isSet(ecap);
  }

  /** ECAP.DIT: device-TLB invalidations name the physical function. */
  boolean throttlesInvalidations() {
    return Ecap.DIT.isSet(ecap);
  }

  /** Whether page requests can be queued, drained and answered. */
  boolean pageRequests() {
    return scalable && deviceTlbs() && Ecap.PRS.isSet(ecap) && Ecap.PDS.isSet(ecap);
  }

  /** Whether a user's first stage can stand over a second stage of the driver. */
  boolean nesting() {
    return Ecap.NEST.isSet(ecap) && firstStage() && secondStage();
  }

  /** Whether the unit marks written pages of the second stage, in tables that it may write. */
  boolean marksSecondStage() {
    return secondStage() && Ecap.SSADS.isSet(ecap) && Ecap.SMPWCS.isSet(ecap) && scalable;
  }

  /** Whether the unit marks written pages of the first stage, in tables that it may write. */
  boolean marksFirstStage() {
    return firstStage() && Ecap.SMPWCS.isSet(ecap);
  }

  /** ECAP.SRS: supervisor requests. */
  boolean supervisorRequests() {
    return Ecap.SRS.isSet(ecap);
  }

  /** ECAP.EAFS: extended accessed flag. */
  boolean extendedAccessed() {
    return Ecap.EAFS.isSet(ecap);
  }

  /** CAP.FS5LP: first-stage tables of five levels. */
  boolean fiveLevelFirstStage() {
    return Cap.FS5LP.isSet(cap);
  }

  /** ECAP.IR. */
  boolean interruptRemapping() {
    return Ecap.IR.isSet(ecap);
  }

  /** ECAP.EIM: destinations of 32 bits. */
  boolean extendedInterrupts() {
    return Ecap.EIM.isSet(ecap);
  }

  /** CAP.PI: posted interrupts. */
  boolean interruptPosting() {
    return interruptRemapping() && Cap.PI.isSet(cap);
  }

  /** CAP.ESIRTPS: SIRTP empties the interrupt entry cache by itself. */
  boolean interruptPointerInvalidates() {
    return Cap.ESIRTPS.isSet(cap);
  }

  /** ECAP.VCS: virtual command registers. */
  boolean virtualCommands() {
    return Ecap.VCS.isSet(ecap);
  }

  /** Width of PASIDs, 0 if devices cannot use any. */
  int pasidBits() {
    return scalable && Ecap.PASID.isSet(ecap) ? Math.min(20, (int) Ecap.PSS.get(ecap) + 1) : 0;
  }

  /** Whether tables of so many levels are supported by the second stage. */
  boolean supportsLevels(int levels) {
    return (Cap.SAGAW.get(cap) >>> (levels - 2) & 1) != 0;
  }

  /** AW code of the deepest supported second-stage tables, which pass-through entries carry. */
  int deepestAw() {
    return 63 - Long.numberOfLeadingZeros((Cap.SAGAW.get(cap) & 0b1110) | 1);
  }

  /**
   * Levels of a second-stage table.
   *
   * @param inputBits the width it has to translate, 0 for the usual one
   * @return 3 to 5; 0 if the unit has none that is wide enough
   */
  int secondStageLevels(int inputBits) {
    if (inputBits == 0 && supportsLevels(USUAL_LEVELS)) {
      return USUAL_LEVELS;
    }
    for (int levels = LEAST_LEVELS; levels <= MOST_LEVELS; levels++) {
      int width = Math.min(guestBits(), AddressBits.inputWidth(levels - 2));
      if (supportsLevels(levels) && width >= inputBits) {
        return levels;
      }
    }
    return 0;
  }

  /** Widest IOVA of a second-stage domain of so many levels. */
  int secondStageBits(int levels) {
    return Math.min(guestBits(), AddressBits.inputWidth(levels - 2));
  }

  /**
   * Levels of a first-stage table.
   *
   * @param inputBits the width it has to translate, 0 for the usual one
   * @return 4 or 5; 0 if the unit has none that is wide enough
   */
  int firstStageLevels(int inputBits) {
    if (inputBits <= firstStageBits(USUAL_LEVELS)) {
      return USUAL_LEVELS;
    }
    return fiveLevelFirstStage() && inputBits <= firstStageBits(MOST_LEVELS) ? MOST_LEVELS : 0;
  }

  /** Widest IOVA of a first-stage domain of so many levels: the lower canonical half. */
  int firstStageBits(int levels) {
    return Math.min(guestBits(), AddressBits.PAGE_LG2 + AddressBits.INDEX_BITS * levels - 1);
  }

  /** Leaf sizes of second-stage tables, bit n for 2^n bytes. */
  long secondStagePages() {
    long sizes = 1L << 12;
    sizes |= (Cap.SSLPS.get(cap) & Cap.SSLPS_2M) != 0 ? 1L << 21 : 0;
    return sizes | ((Cap.SSLPS.get(cap) & Cap.SSLPS_1G) != 0 ? 1L << 30 : 0);
  }

  /** Leaf sizes of first-stage tables, bit n for 2^n bytes. */
  long firstStagePages() {
    return 1L << 12 | 1L << 21 | (Cap.FS1GP.isSet(cap) ? 1L << 30 : 0);
  }

  /** The same in neutral words. */
  DriverCapabilities neutral() {
    long pages = (firstStage() ? firstStagePages() : 0) | (secondStage() ? secondStagePages() : 0);
    int bits =
        Math.max(
            firstStage() ? firstStageBits(fiveLevelFirstStage() ? MOST_LEVELS : USUAL_LEVELS) : 0,
            secondStage() ? secondStageBits(deepestAw() + 2) : 0);
    return new DriverCapabilities(
        VtdDriverFactory.VTD,
        features(),
        pages,
        bits,
        hostBits,
        pasidBits(),
        coherentTables(),
        (1 << didBits()) - FIRST_DID,
        hardwareInfo());
  }

  private Set<DriverFeature> features() {
    Set<DriverFeature> features = EnumSet.noneOf(DriverFeature.class);
    if (firstStage()) {
      features.add(DriverFeature.FIRST_STAGE);
    }
    if (secondStage()) {
      features.add(DriverFeature.SECOND_STAGE);
      features.add(DriverFeature.WRITE_ONLY);
    }
    if (pasidBits() > 0) {
      features.add(DriverFeature.PASID);
    }
    if (snoopControl()) {
      features.add(DriverFeature.ENFORCE_SNOOP);
    }
    if (deviceTlbs()) {
      features.add(DriverFeature.ATS);
    }
    if (pageRequests()) {
      features.add(DriverFeature.PAGE_REQUESTS);
    }
    if (nesting()) {
      features.add(DriverFeature.NESTED);
    }
    if (marksSecondStage() || marksFirstStage()) {
      features.add(DriverFeature.DIRTY_TRACKING);
    }
    if (interruptRemapping()) {
      features.add(DriverFeature.INTERRUPT_REMAPPING);
    }
    if (interruptPosting()) {
      features.add(DriverFeature.INTERRUPT_POSTING);
    }
    if (virtualCommands()) {
      features.add(DriverFeature.PASID_COMMANDS);
    }
    return features;
  }

  /** Flags (none), CAP, ECAP: the kernel's structure for this kind. */
  private Blob hardwareInfo() {
    ByteBuffer bytes = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putInt(0).putInt(0).putLong(cap).putLong(ecap).flip();
    return new Blob("vtd.hw-info", bytes);
  }
}
