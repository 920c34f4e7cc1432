package org.ioasis.amdvi.format;

/**
 * Addresses that are no memory: the window of interrupt writes, and the HyperTransport windows at
 * FD_0000_0000h to FF_FFFF_FFFFh. "Special Address Ranges".
 *
 * <p><b>Threading:</b> constants and pure functions.
 */
public final class AddressMap {
  /** First address of the interrupt window FEE0_0000h to FEEF_FFFFh. */
  public static final long INTERRUPT_FIRST = 0xFEE0_0000L;

  /** log2 of the size of the interrupt window; it is naturally aligned. */
  public static final int INTERRUPT_LG2 = 20;

  /** What kind of HyperTransport window an address lies in. */
  public static final int MEMORY = 0,
      HT_INTERRUPT = 1,
      HT_SYSTEM_MANAGEMENT = 2,
      HT_PORT_IO = 3,
      HT_RESERVED_INTERRUPT = 4,
      HT_RESERVED = 5;

  private static final int HT_GRANULE = 20;

  // In MiB.
  private static final long HT_FIRST = 0xFD000;
  private static final long HT_UPPER = 0xFE000; // the upper two thirds are one aligned block
  private static final long HT_INTERRUPT_FIRST = 0xFDF80;
  private static final long HT_PIC = 0xFDF90;
  private static final long HT_SYSTEM = 0xFDF91;
  private static final long HT_SYSTEM_END = 0xFDF92;
  private static final long HT_IO = 0xFDFC0;
  private static final long HT_IO_END = 0xFDFE0;
  private static final long HT_END = 0x100000;

  private AddressMap() {}

  /** Whether an address lies in the interrupt window. */
  public static boolean isInterrupt(long address) {
    return address >>> INTERRUPT_LG2 == INTERRUPT_FIRST >>> INTERRUPT_LG2;
  }

  /** Whether the naturally aligned block of 2^lg2 bytes around an address meets that window. */
  public static boolean touchesInterrupt(long address, int lg2) {
    int wide = Math.max(lg2, INTERRUPT_LG2);
    return wide >= Long.SIZE || address >>> wide == INTERRUPT_FIRST >>> wide;
  }

  /** log2 of the largest block around an address outside the interrupt window that misses it. */
  public static int clearOfInterrupts(long address) {
    return highestBit(address ^ INTERRUPT_FIRST);
  }

  /**
   * log2 of the largest block around an address that misses the HyperTransport windows; inside one,
   * of its granule.
   */
  public static int clearOfHyperTransport(long address) {
    return hyperTransport(address) != MEMORY
        ? HT_GRANULE
        : Math.min(
            highestBit(address ^ HT_FIRST << HT_GRANULE),
            highestBit(address ^ HT_UPPER << HT_GRANULE));
  }

  private static int highestBit(long difference) {
    return Long.SIZE - 1 - Long.numberOfLeadingZeros(difference | 1);
  }

  /** Whether an address lies in a HyperTransport window. */
  public static boolean isHyperTransport(long address) {
    long granule = address >>> HT_GRANULE;
    return granule >= HT_FIRST && granule < HT_END;
  }

  /** The HyperTransport window of an address, {@link #MEMORY} if it lies in none. */
  public static int hyperTransport(long address) {
    long granule = address >>> HT_GRANULE;
    if (granule < HT_FIRST || granule >= HT_END) {
      return MEMORY;
    }
    if (granule < HT_INTERRUPT_FIRST) {
      return HT_RESERVED_INTERRUPT;
    }
    if (granule < HT_PIC) {
      return HT_INTERRUPT;
    }
    if (granule >= HT_SYSTEM && granule < HT_SYSTEM_END) {
      return HT_SYSTEM_MANAGEMENT;
    }
    return granule >= HT_IO && granule < HT_IO_END ? HT_PORT_IO : HT_RESERVED;
  }
}
