package org.ioasis.smmuv3.driver;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.EnumSet;
import java.util.Set;
import org.ioasis.api.Blob;
import org.ioasis.api.driver.DriverCapabilities;
import org.ioasis.api.driver.DriverFeature;
import org.ioasis.api.machine.Mmio;
import org.ioasis.smmuv3.format.Idr0;
import org.ioasis.smmuv3.format.Idr1;
import org.ioasis.smmuv3.format.Idr3;
import org.ioasis.smmuv3.format.Idr5;
import org.ioasis.smmuv3.format.Lpae;
import org.ioasis.smmuv3.format.RegisterMap;

/**
 * What the identification registers offer, as far as this driver uses it. "SMMU_IDR0" to
 * "SMMU_IDR5".
 *
 * @param idr0 IDR0
 * @param idr1 IDR1
 * @param idr3 IDR3
 * @param idr5 IDR5
 * @param granuleLg2 granule of the tables this driver writes: 12, 14 or 16
 * @param memoryBits width of the machine&#39;s addresses
 * @param hardwareInfo the kernel&#39;s structure of this kind
 */
record Claims(
    long idr0, long idr1, long idr3, long idr5, int granuleLg2, int memoryBits, Blob hardwareInfo) {
  /** First VMID and ASID handed out: VMID 0 tags stage 1 alone. */
  static final int FIRST_TAG = 1;

  /** StreamIDs this driver makes tables for at most, in bits. */
  private static final int MOST_SID_BITS = 20;

  /** More CDs than these are not made without a second level: 2^10 of 64 bytes are 64 KiB. */
  private static final int LINEAR_CDS_LG2 = 10;

  private static final int TABLE_BITS = 48;

  static Claims read(Mmio mmio, int granuleLg2, int memoryBits) {
    return new Claims(
        id(mmio, RegisterMap.IDR0),
        id(mmio, RegisterMap.IDR1),
        id(mmio, RegisterMap.IDR3),
        id(mmio, RegisterMap.IDR5),
        granuleLg2,
        memoryBits,
        info(mmio));
  }

  private static long id(Mmio mmio, int register) {
    return mmio.read32(register) & 0xFFFF_FFFFL;
  }

  private static Blob info(Mmio mmio) {
    ByteBuffer bytes = ByteBuffer.allocate(40).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putInt(0).putInt(0);
    for (int register = RegisterMap.IDR0; register <= RegisterMap.AIDR; register += 4) {
      bytes.putInt(mmio.read32(register));
    }
    return new Blob("smmuv3.hw-info", bytes.flip());
  }

  /** Granules of the unit, as bits 12, 14 and 16. */
  long granules() {
    return (Idr5.GRAN4K.isSet(idr5) ? 1L << Lpae.GRANULE_4K : 0)
        | (Idr5.GRAN16K.isSet(idr5) ? 1L << Lpae.GRANULE_16K : 0)
        | (Idr5.GRAN64K.isSet(idr5) ? 1L << Lpae.GRANULE_64K : 0);
  }

  /** Whether AArch64 tables are there at all. */
  boolean tables() {
    return (Idr0.TTF.get(idr0) & Idr0.TTF_AARCH64) != 0
        && Idr0.TTENDIAN.get(idr0) != Idr0.TTENDIAN_BIG;
  }

  boolean stage1() {
    return tables() && Idr0.S1P.isSet(idr0);
  }

  boolean stage2() {
    return tables() && Idr0.S2P.isSet(idr0);
  }

  boolean coherent() {
    return Idr0.COHACC.isSet(idr0);
  }

  /** Widest physical address that this driver&#39;s tables hold. */
  int outputBits() {
    return Math.min(TABLE_BITS, Math.min(memoryBits, Idr5.sizeBits(Idr5.OAS.get(idr5))));
  }

  /** Width of an IOVA of stage 1. */
  int stage1Bits() {
    return TABLE_BITS;
  }

  /** Width of an IOVA of stage 2: what the unit can put out. */
  int stage2Bits() {
    return Math.min(TABLE_BITS, Idr5.sizeBits(Idr5.OAS.get(idr5)));
  }

  /** Bits of the StreamIDs that the table serves. */
  int sidBits() {
    return (int) Math.min(MOST_SID_BITS, Idr1.SIDSIZE.get(idr1));
  }

  boolean twoLevelStreams() {
    return Idr0.ST_LEVEL.get(idr0) != 0;
  }

  boolean twoLevelContexts() {
    return Idr0.CD2L.isSet(idr0);
  }

  /** Width of PASIDs, 0 if devices cannot use any. */
  int pasidBits() {
    int bits = stage1() ? (int) Idr1.SSIDSIZE.get(idr1) : 0;
    return twoLevelContexts() ? bits : Math.min(bits, LINEAR_CDS_LG2);
  }

  /** ASIDs end here. */
  int asids() {
    return 1 << (Idr0.ASID16.isSet(idr0) ? 16 : 8);
  }

  /** VMIDs end here. */
  int vmids() {
    return 1 << (Idr0.VMID16.isSet(idr0) ? 16 : 8);
  }

  boolean stalls() {
    return Idr0.STALL_MODEL.get(idr0) != Idr0.STALL_NONE;
  }

  /** Whether every translation fault stalls. */
  boolean stallsAlways() {
    return Idr0.STALL_MODEL.get(idr0) == Idr0.STALL_FORCED;
  }

  boolean ats() {
    return Idr0.ATS.isSet(idr0);
  }

  boolean pageRequests() {
    return ats() && Idr0.PRI.isSet(idr0);
  }

  boolean messages() {
    return Idr0.MSI.isSet(idr0);
  }

  boolean dirtyTracking() {
    return Idr0.HTTU.get(idr0) >= Idr0.HTTU_DIRTY;
  }

  boolean ranges() {
    return Idr3.RIL.isSet(idr3);
  }

  /** Whether a live block may be replaced by a table that says the same. */
  boolean splitsLive() {
    return Idr3.BBML.get(idr3) >= 2;
  }

  boolean nesting() {
    return stage1() && stage2();
  }

  /** Log2 of the entries of a queue, capped at what the unit has. */
  static int queueLg2(int wanted, long largest) {
    return (int) Math.min(wanted, largest);
  }

  /** The same in neutral words. */
  DriverCapabilities neutral() {
    return new DriverCapabilities(
        SmmuDriverFactory.SMMUV3,
        features(),
        pageSizes(granuleLg2),
        Math.max(stage1() ? stage1Bits() : 0, stage2() ? stage2Bits() : 0),
        outputBits(),
        pasidBits(),
        coherent(),
        (stage1() ? asids() : vmids()) - FIRST_TAG,
        hardwareInfo);
  }

  /** Sizes of pages and blocks: two levels of blocks with 4 KiB, one with the others. */
  static long pageSizes(int granuleLg2) {
    long sizes = 1L << granuleLg2;
    for (int level = 2; level >= 1; level--) {
      if (Lpae.isBlockLevel(granuleLg2, level, false, false)) {
        sizes |= 1L << Lpae.shift(granuleLg2, level);
      }
    }
    return sizes;
  }

  private Set<DriverFeature> features() {
    Set<DriverFeature> features = EnumSet.of(DriverFeature.EXECUTE_PERMISSION);
    add(features, stage1(), DriverFeature.FIRST_STAGE, DriverFeature.PRIVILEGED_ACCESS);
    add(features, stage2(), DriverFeature.SECOND_STAGE, DriverFeature.WRITE_ONLY);
    add(features, nesting(), DriverFeature.NESTED, DriverFeature.USER_PASID_TABLE);
    add(features, pasidBits() > 0, DriverFeature.PASID);
    add(features, pageRequests(), DriverFeature.PAGE_REQUESTS);
    add(features, stalls(), DriverFeature.STALLS);
    add(features, ats(), DriverFeature.ATS);
    add(features, dirtyTracking(), DriverFeature.DIRTY_TRACKING);
    return features;
  }

  private static void add(Set<DriverFeature> to, boolean offered, DriverFeature... features) {
    if (offered) {
      to.addAll(Set.of(features));
    }
  }
}
