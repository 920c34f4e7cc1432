package org.ioasis.amdvi.hardware;

import org.ioasis.amdvi.format.Control;
import org.ioasis.amdvi.format.DeviceTableBase;
import org.ioasis.amdvi.format.Dte;
import org.ioasis.amdvi.format.ExclusionRange;

/**
 * What a request needs of the registers, as one immutable snapshot: it reads it once, so that a
 * change meets a request as a whole. A new one is made after every write to control, the device
 * table bases and the exclusion range.
 *
 * <p><b>Threading:</b> immutable.
 */
final class Latched {
  /** The reset state. */
  static final Latched RESET = new Latched(0, new long[DeviceTableBase.SEGMENTS], 0, 0, false);

  /** IommuEn. */
  final boolean enabled;

  /** GTEn: v2 tables are used. */
  final boolean guestTables;

  /** GCR3 roots are GPAs. */
  final boolean gcr3ByGuestAddress;

  /** GAEn: 128-bit interrupt entries. */
  final boolean wideInterruptEntries;

  /** XTEn and GAEn: 32-bit destinations. */
  final boolean x2Apic;

  /** NumIntRemapMode=1: all of bits 10:0 of an interrupt's data are its index. */
  final boolean manyInterrupts;

  /** IRTCacheDis. */
  final boolean interruptCacheDisabled;

  /** PPREn. */
  final boolean pageRequests;

  /** Whether the exclusion range has an effect. */
  final boolean exclusion;

  private final int segmentsLg2;
  private final long[] bases;
  private final long exclusionBase;
  private final long exclusionLimit;

  /**
   * A snapshot.
   *
   * @param control CONTROL
   * @param bases the base registers of the segments
   * @param exclusionBase EXCL_BASE
   * @param exclusionLimit EXCL_LIMIT
   * @param noExclusion whether the range is ignored whatever EXCL_BASE says
   */
  Latched(
      long control, long[] bases, long exclusionBase, long exclusionLimit, boolean noExclusion) {
    this.enabled = Control.IOMMU_EN.isSet(control);
    this.guestTables = Control.GT_EN.isSet(control);
    this.gcr3ByGuestAddress = Control.GCR3_TRP_MODE.isSet(control);
    this.wideInterruptEntries = Control.GA_EN.isSet(control);
    this.x2Apic = Control.XT_EN.isSet(control) && wideInterruptEntries;
    this.manyInterrupts = Control.NUM_INT_REMAP_MODE.get(control) == 1;
    this.interruptCacheDisabled = Control.IRT_CACHE_DIS.isSet(control);
    this.pageRequests = Control.PPR_EN.isSet(control);
    this.exclusion = ExclusionRange.EX_EN.isSet(exclusionBase) && !noExclusion;
    this.segmentsLg2 = (int) Math.min(Control.DEV_TBL_SEG_EN.get(control), 3);
    this.bases = bases.clone();
    this.exclusionBase = exclusionBase;
    this.exclusionLimit = exclusionLimit;
  }

  /** Number of segments, 1 to 8. */
  int segments() {
    return 1 << segmentsLg2;
  }

  /** The base register of a segment. */
  long base(int segment) {
    return bases[segment];
  }

  /** First DeviceID of a segment. */
  int firstDevice(int segment) {
    return segment << (16 - segmentsLg2);
  }

  /** Address of the entry of a DeviceID; negative if it lies beyond the end of its table. */
  long entryAddress(int deviceId) {
    long base = bases[DeviceTableBase.segment(deviceId, segmentsLg2)];
    int index = DeviceTableBase.index(deviceId, segmentsLg2);
    return index < DeviceTableBase.entries(base)
        ? DeviceTableBase.ADDRESS.inPlace(base) + (long) index * Dte.BYTES
        : -1;
  }

  /**
   * Whether an address is excluded from translation.
   *
   * @param selected the DTE&#39;s EX
   */
  boolean excludes(long address, boolean selected) {
    return exclusion
        && (selected || ExclusionRange.ALLOW.isSet(exclusionBase))
        && ExclusionRange.contains(exclusionBase, exclusionLimit, address);
  }
}
