package org.ioasis.vtd.format;

/**
 * The size code that both device-TLB invalidate descriptors and PCIe translation completions use:
 * with S=1 the lowest zero bit of the address, from bit 12 up, is the highest bit below the size.
 * Bit 12 zero is 8 KiB, 12 set and 13 zero 16 KiB, and so on; bits 62:12 all set are everything.
 * VT-d, "Device-TLB Invalidate Descriptor".
 */
public final class DeviceTlbRange {
  /** log2 of everything. */
  public static final int ALL_LG2 = 64;

  private static final int PAGE_LG2 = AddressBits.PAGE_LG2;
  private static final long ADDRESS = -1L << PAGE_LG2;

  private DeviceTlbRange() {}

  /**
   * log2 of the bytes that a descriptor names, 12 to 63, or {@value #ALL_LG2}.
   *
   * @param address ADDR in place
   * @param sized S
   */
  public static int sizeLg2(long address, boolean sized) {
    if (!sized) {
      return PAGE_LG2;
    }
    int zero = Long.numberOfTrailingZeros(~(address | ~ADDRESS));
    return zero >= Long.SIZE - 1 ? ALL_LG2 : zero + 1;
  }

  /** First address that a descriptor names. */
  public static long base(long address, boolean sized) {
    int lg2 = sizeLg2(address, sized);
    return lg2 == ALL_LG2 ? 0 : address & -1L << lg2;
  }

  /** Whether a size needs S=1. */
  public static boolean isSized(int sizeLg2) {
    return sizeLg2 > PAGE_LG2;
  }

  /**
   * ADDR in place for a naturally aligned range.
   *
   * @param base first address, aligned to the size
   * @param sizeLg2 12 to 63, or {@value #ALL_LG2}
   */
  public static long encode(long base, int sizeLg2) {
    if (sizeLg2 >= Long.SIZE - 1) {
      return Long.MAX_VALUE & ADDRESS;
    }
    return (base & -(1L << sizeLg2)) | ((1L << (sizeLg2 - 1)) - 1 & ADDRESS);
  }
}
