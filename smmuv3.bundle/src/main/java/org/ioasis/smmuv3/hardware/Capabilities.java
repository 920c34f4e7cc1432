package org.ioasis.smmuv3.hardware;

import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.machine.Profile;
import org.ioasis.kit.layout.Field;
import org.ioasis.smmuv3.format.Idr0;
import org.ioasis.smmuv3.format.Idr1;
import org.ioasis.smmuv3.format.Idr3;
import org.ioasis.smmuv3.format.Idr5;
import org.ioasis.smmuv3.format.Lpae;

/**
 * What a unit can do, read from its identification registers. Whatever a register claims beyond the
 * model is inert: the accessors here say what works, the registers read what the profile states.
 *
 * @param idr0 SMMU_IDR0
 * @param idr1 SMMU_IDR1
 * @param idr3 SMMU_IDR3
 * @param idr5 SMMU_IDR5
 * @param iidr SMMU_IIDR
 * @param aidr SMMU_AIDR
 */
record Capabilities(long idr0, long idr1, long idr3, long idr5, long iidr, long aidr) {
  /** Fields of each register that the model stands behind, whatever their value. */
  static final long IDR0_MODELLED =
      mask(
          Idr0.S2P,
          Idr0.S1P,
          Idr0.TTF,
          Idr0.COHACC,
          Idr0.HTTU,
          Idr0.HYP,
          Idr0.ATS,
          Idr0.NS1ATS,
          Idr0.ASID16,
          Idr0.MSI,
          Idr0.PRI,
          Idr0.VMW,
          Idr0.VMID16,
          Idr0.CD2L,
          Idr0.TTENDIAN,
          Idr0.ATSRECERR,
          Idr0.STALL_MODEL,
          Idr0.TERM_MODEL,
          Idr0.ST_LEVEL);

  static final long IDR1_MODELLED =
      mask(Idr1.SIDSIZE, Idr1.SSIDSIZE, Idr1.PRIQS, Idr1.EVENTQS, Idr1.CMDQS, Idr1.ATTR_PERMS_OVR);

  static final long IDR3_MODELLED =
      mask(Idr3.HAD, Idr3.XNX, Idr3.PPS, Idr3.STT, Idr3.RIL, Idr3.BBML);

  static final long IDR5_MODELLED =
      mask(Idr5.OAS, Idr5.GRAN4K, Idr5.GRAN16K, Idr5.GRAN64K, Idr5.DS, Idr5.VAX, Idr5.STALL_MAX);

  private static final int LARGEST_OAS = 52;

  private static long mask(Field... fields) {
    long mask = 0;
    for (Field field : fields) {
      mask |= field.mask();
    }
    return mask;
  }

  /**
   * The capabilities of a profile.
   *
   * @throws IoasisException INVALID if the profile contradicts itself
   */
  static Capabilities of(Profile profile) {
    Capabilities capabilities =
        new Capabilities(
            profile.register("IDR0"),
            profile.register("IDR1"),
            profile.register("IDR3"),
            profile.register("IDR5"),
            profile.register("IIDR"),
            profile.register("AIDR"));
    String contradiction = capabilities.contradiction();
    if (contradiction != null) {
      throw new IoasisException(
          Reason.INVALID,
          "profile %s/%s refused: %s".formatted(profile.kind(), profile.name(), contradiction));
    }
    return capabilities;
  }

  private String contradiction() {
    if (!stage1() && !stage2()) {
      return "IDR0 has neither S1P nor S2P";
    }
    if ((Idr0.TTF.get(idr0) & Idr0.TTF_AARCH64) == 0) {
      return "IDR0.TTF=%d has no VMSAv8-64 tables, and no others are modelled"
          .formatted(Idr0.TTF.get(idr0));
    }
    if (sidBits() > 32 || ssidBits() > 20) {
      return "IDR1 has SIDSIZE=%d and SSIDSIZE=%d; the most is 32 and 20"
          .formatted(sidBits(), ssidBits());
    }
    if (commandQueueLg2() > 19 || eventQueueLg2() > 19 || priQueueLg2() > 19) {
      return "IDR1 has queues of more than 2^19 entries";
    }
    return (idr5 & (Idr5.GRAN4K.mask() | Idr5.GRAN16K.mask() | Idr5.GRAN64K.mask())) == 0
        ? "IDR5 has no granule"
        : null;
  }

  boolean stage1() {
    return Idr0.S1P.isSet(idr0);
  }

  boolean stage2() {
    return Idr0.S2P.isSet(idr0);
  }

  /** The EL2 StreamWorld. */
  boolean el2() {
    return Idr0.HYP.isSet(idr0) && stage1() && stage2();
  }

  /** Whether access flags can be updated. */
  boolean updatesAccess() {
    return Idr0.HTTU.get(idr0) >= Idr0.HTTU_ACCESS;
  }

  /** Whether dirty state can be updated too. */
  boolean updatesDirty() {
    return Idr0.HTTU.get(idr0) >= Idr0.HTTU_DIRTY;
  }

  boolean ats() {
    return Idr0.ATS.isSet(idr0);
  }

  boolean splitStage() {
    return ats() && !Idr0.NS1ATS.isSet(idr0);
  }

  boolean pri() {
    return Idr0.PRI.isSet(idr0) && ats();
  }

  boolean msi() {
    return Idr0.MSI.isSet(idr0);
  }

  boolean asid16() {
    return Idr0.ASID16.isSet(idr0);
  }

  boolean vmid16() {
    return Idr0.VMID16.isSet(idr0);
  }

  boolean vmidWildcards() {
    return Idr0.VMW.isSet(idr0);
  }

  boolean twoLevelContexts() {
    return Idr0.CD2L.isSet(idr0);
  }

  boolean twoLevelStreams() {
    return Idr0.ST_LEVEL.get(idr0) == 1;
  }

  boolean recordsAtsErrors() {
    return Idr0.ATSRECERR.isSet(idr0);
  }

  /** Whether tables of this endianness are allowed. */
  boolean endian(boolean big) {
    return Idr0.TTENDIAN.get(idr0) == Idr0.TTENDIAN_MIXED
        || Idr0.TTENDIAN.get(idr0) == (big ? Idr0.TTENDIAN_BIG : Idr0.TTENDIAN_LITTLE);
  }

  /** {@link Idr0#STALL_BOTH}, {@link Idr0#STALL_NONE} or {@link Idr0#STALL_FORCED}. */
  int stallModel() {
    return (int) Idr0.STALL_MODEL.get(idr0);
  }

  boolean stalls() {
    return stallModel() == Idr0.STALL_BOTH || stallModel() == Idr0.STALL_FORCED;
  }

  /** Whether faults always abort: CD.A must be 1. */
  boolean alwaysAborts() {
    return Idr0.TERM_MODEL.isSet(idr0);
  }

  /** Stalls whose records software may have and not have resumed, at least 1. */
  int stallMax() {
    return (int) Math.max(1, Idr5.STALL_MAX.get(idr5));
  }

  int sidBits() {
    return (int) Idr1.SIDSIZE.get(idr1);
  }

  int ssidBits() {
    return (int) Idr1.SSIDSIZE.get(idr1);
  }

  int commandQueueLg2() {
    return (int) Idr1.CMDQS.get(idr1);
  }

  int eventQueueLg2() {
    return (int) Idr1.EVENTQS.get(idr1);
  }

  int priQueueLg2() {
    return (int) Idr1.PRIQS.get(idr1);
  }

  boolean overridesPermissions() {
    return Idr1.ATTR_PERMS_OVR.isSet(idr1);
  }

  boolean hierarchicalDisable() {
    return Idr3.HAD.isSet(idr3);
  }

  boolean executeByPrivilege() {
    return Idr3.XNX.isSet(idr3);
  }

  boolean responsesCarryPasid() {
    return Idr3.PPS.isSet(idr3);
  }

  boolean smallTables() {
    return Idr3.STT.isSet(idr3);
  }

  boolean ranges() {
    return Idr3.RIL.isSet(idr3);
  }

  /** Output address size in bits. */
  int oas() {
    return Math.min(LARGEST_OAS, Idr5.sizeBits(Idr5.OAS.get(idr5)));
  }

  /** Intermediate address size in bits. */
  int ias() {
    boolean aarch32 = (Idr0.TTF.get(idr0) & Idr0.TTF_AARCH32) != 0;
    return aarch32 ? Math.max(40, oas()) : oas();
  }

  boolean output52() {
    return oas() == LARGEST_OAS;
  }

  boolean ds() {
    return Idr5.DS.isSet(idr5);
  }

  /** Virtual addresses of 52 bits. */
  boolean va52() {
    return Idr5.VAX.get(idr5) >= 1;
  }

  boolean hasGranule(int granuleLg2) {
    return switch (granuleLg2) {
      case Lpae.GRANULE_4K -> Idr5.GRAN4K.isSet(idr5);
      case Lpae.GRANULE_16K -> Idr5.GRAN16K.isSet(idr5);
      case Lpae.GRANULE_64K -> Idr5.GRAN64K.isSet(idr5);
      default -> false;
    };
  }

  /** log2 of the smallest granule: the smallest translation unit of ATS. */
  int smallestGranuleLg2() {
    return hasGranule(Lpae.GRANULE_4K)
        ? Lpae.GRANULE_4K
        : hasGranule(Lpae.GRANULE_16K) ? Lpae.GRANULE_16K : Lpae.GRANULE_64K;
  }

  /** Smallest TxSZ of a granule in stage 1. */
  int smallestTxsz(int granuleLg2, boolean withDs) {
    return va52() && (granuleLg2 == Lpae.GRANULE_64K || withDs) ? 12 : 16;
  }

  /** Largest TxSZ and S2T0SZ of a granule. */
  int largestTxsz(int granuleLg2) {
    if (!smallTables()) {
      return 39;
    }
    return granuleLg2 == Lpae.GRANULE_64K ? 47 : 48;
  }

  /** Smallest S2T0SZ of a granule. */
  int smallestS2t0sz(int granuleLg2, boolean withDs) {
    return Math.max(granuleLg2 == Lpae.GRANULE_64K || withDs ? 12 : 16, 64 - ias());
  }

  /** Output bits of a stage: the size that its field states, capped at what the unit has. */
  int outputBits(long sizeCode, int granuleLg2, boolean withDs) {
    int bits = Math.min(Idr5.sizeBits(sizeCode), oas());
    return granuleLg2 != Lpae.GRANULE_64K && !withDs ? Math.min(48, bits) : bits;
  }
}
