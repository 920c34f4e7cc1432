package org.ioasis.vtd.format;

/**
 * Rules about addresses that every structure shares. VT-d, "DMA Remapping" address width rules and
 * "Handling Requests Crossing/within the Interrupt Address Range".
 */
public final class AddressBits {
  /** Bits of a page offset. */
  public static final int PAGE_LG2 = 12;

  /** Index bits of one table level. */
  public static final int INDEX_BITS = 9;

  /** Highest bit of a table or page address in a paging entry. */
  public static final int ENTRY_ADDRESS_HIGH = 51;

  /** First address of the interrupt range FEE0_0000h to FEEF_FFFFh. */
  public static final long INTERRUPT_FIRST = 0xFEE0_0000L;

  /** log2 of the interrupt range's size; the range is naturally aligned. */
  public static final int INTERRUPT_LG2 = 20;

  private AddressBits() {}

  /** Bits 51:hostWidth of a paging entry, which must be 0; nothing for a width of 52 or more. */
  public static long beyond(int hostWidth) {
    return hostWidth > ENTRY_ADDRESS_HIGH
        ? 0
        : -1L << hostWidth & (1L << ENTRY_ADDRESS_HIGH + 1) - 1;
  }

  /** Bits 63:hostWidth of a pointer in a root, context or PASID structure, which must be 0. */
  public static long beyondPointer(int hostWidth) {
    return -1L << hostWidth;
  }

  /** Input bits that tables with this address-width code translate: 30 + 9 * AW. */
  public static int inputWidth(int addressWidthCode) {
    return 30 + INDEX_BITS * addressWidthCode;
  }

  /** Table levels of this address-width code: AW + 2. */
  public static int levels(int addressWidthCode) {
    return addressWidthCode + 2;
  }

  /** log2 of what one entry of a level spans: 12 at level 1. */
  public static int spanLg2(int level) {
    return PAGE_LG2 + INDEX_BITS * (level - 1);
  }

  /** Byte address of the entry that translates an input address in a table of a level. */
  public static long entryAddress(long table, long input, int level) {
    return table + (input >>> spanLg2(level) & 0x1FF) * 8;
  }

  /** Whether an address lies in the interrupt range. */
  public static boolean isInterrupt(long address) {
    return address >>> INTERRUPT_LG2 == INTERRUPT_FIRST >>> INTERRUPT_LG2;
  }

  /** Whether the naturally aligned block of 2^lg2 bytes around an address meets that range. */
  public static boolean touchesInterrupt(long address, int lg2) {
    int wide = Math.max(lg2, INTERRUPT_LG2);
    return address >>> wide == INTERRUPT_FIRST >>> wide;
  }
}
