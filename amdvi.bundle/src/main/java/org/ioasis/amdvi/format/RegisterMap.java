package org.ioasis.amdvi.format;

/** Byte offsets of the registers. "IOMMU MMIO Registers". */
public final class RegisterMap {
  // spotless:off
  public static final int
      DEV_TAB_BASE      = 0x0000, CMD_BUF_BASE    = 0x0008, EVENT_LOG_BASE = 0x0010,
      CONTROL           = 0x0018, EXCL_BASE       = 0x0020, EXCL_LIMIT     = 0x0028,
      EXT_FEATURES      = 0x0030, PPR_LOG_BASE    = 0x0038, HW_EVENT_UPPER = 0x0040,
      HW_EVENT_LOWER    = 0x0048, HW_EVENT_STATUS = 0x0050,
      DEV_TAB_SEG_1     = 0x0100, DEV_TAB_SEG_7   = 0x0130,
      MSI_HEADER        = 0x0158, MSI_ADDRESS_LOW = 0x015C, MSI_ADDRESS_HIGH = 0x0160,
      MSI_DATA          = 0x0164,
      XT_INT_GENERAL    = 0x0170, XT_INT_PPR      = 0x0178, XT_INT_GA      = 0x0180,
      EXT_FEATURES_2    = 0x01A0,
      CMD_BUF_HEAD      = 0x2000, CMD_BUF_TAIL    = 0x2008, EVENT_LOG_HEAD = 0x2010,
      EVENT_LOG_TAIL    = 0x2018, STATUS          = 0x2020, PPR_LOG_HEAD   = 0x2030,
      PPR_LOG_TAIL      = 0x2038, PPR_AUTO_RESPONSE = 0x2080, PPR_OVERFLOW_EARLY = 0x2088;
  // spotless:on

  /** Bytes of the register block without performance counters. */
  public static final int BLOCK_BYTES = 0x4000;

  private RegisterMap() {}

  /** Offset of the base register of a device table segment, 0 to 7. */
  public static int segmentBase(int segment) {
    return segment == 0 ? DEV_TAB_BASE : DEV_TAB_SEG_1 + 8 * (segment - 1);
  }
}
