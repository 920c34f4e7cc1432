package org.ioasis.smmuv3.format;

/**
 * Offsets of the Non-secure registers, pages 0 and 1. "Register overview".
 *
 * <p><b>Threading:</b> constants.
 */
public final class RegisterMap {
  // spotless:off
  public static final int IDR0            = 0x000;
  public static final int IDR1            = 0x004;
  public static final int IDR2            = 0x008;
  public static final int IDR3            = 0x00C;
  public static final int IDR4            = 0x010;
  public static final int IDR5            = 0x014;
  public static final int IIDR            = 0x018;
  public static final int AIDR            = 0x01C;
  public static final int CR0             = 0x020;
  public static final int CR0ACK          = 0x024;
  public static final int CR1             = 0x028;
  public static final int CR2             = 0x02C;
  public static final int STATUSR         = 0x040;
  public static final int GBPA            = 0x044;
  public static final int AGBPA           = 0x048;
  public static final int IRQ_CTRL        = 0x050;
  public static final int IRQ_CTRLACK     = 0x054;
  public static final int GERROR          = 0x060;
  public static final int GERRORN         = 0x064;
  public static final int GERROR_IRQ_CFG0 = 0x068;
  public static final int GERROR_IRQ_CFG1 = 0x070;
  public static final int GERROR_IRQ_CFG2 = 0x074;
  public static final int STRTAB_BASE     = 0x080;
  public static final int STRTAB_BASE_CFG = 0x088;
  public static final int CMDQ_BASE       = 0x090;
  public static final int CMDQ_PROD       = 0x098;
  public static final int CMDQ_CONS       = 0x09C;
  public static final int EVENTQ_BASE     = 0x0A0;
  public static final int EVENTQ_IRQ_CFG0 = 0x0B0;
  public static final int EVENTQ_IRQ_CFG1 = 0x0B8;
  public static final int EVENTQ_IRQ_CFG2 = 0x0BC;
  public static final int PRIQ_BASE       = 0x0C0;
  public static final int PRIQ_IRQ_CFG0   = 0x0D0;
  public static final int PRIQ_IRQ_CFG1   = 0x0D8;
  public static final int PRIQ_IRQ_CFG2   = 0x0DC;
  public static final int PIDR4           = 0xFD0;
  public static final int PIDR0           = 0xFE0;
  public static final int CIDR0           = 0xFF0;

  /** Page 1. */
  public static final int PAGE_1          = 0x1_0000;
  public static final int EVENTQ_PROD     = PAGE_1 + 0x0A8;
  public static final int EVENTQ_CONS     = PAGE_1 + 0x0AC;
  public static final int PRIQ_PROD       = PAGE_1 + 0x0C8;
  public static final int PRIQ_CONS       = PAGE_1 + 0x0CC;

  /** Bytes of both pages. */
  public static final int SIZE            = 0x2_0000;
  // spotless:on

  private RegisterMap() {}
}
