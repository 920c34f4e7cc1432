package org.ioasis.amdvi.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;

/**
 * The range in word 1 of INVALIDATE_IOMMU_PAGES and INVALIDATE_IOTLB_PAGES: with S=1 the lowest 0
 * at or above bit 12 says the size.
 *
 * <pre>
 *  size 2^k, S=1:   Address[63:k] | 0 at bit k-1 | ones at bits k-2 to 12
 *  everything:      7FFF_FFFF_FFFF_Fh, S=1
 * </pre>
 *
 * <p><b>Threading:</b> constants and pure functions.
 */
public final class InvalidationAddress {
  /** The address carries a size. */
  public static final Field S = bit("S", 0);

  /** The address, in place. */
  public static final Field ADDRESS = bits("Address", 63, 12);

  /** log2 of the range that means everything. */
  public static final int EVERYTHING = 64;

  /** Word 1 that means everything. */
  public static final long ALL = 0x7FFF_FFFF_FFFF_F001L;

  /** A size from here on counts as everything. */
  private static final int LARGEST_LG2 = 52;

  private InvalidationAddress() {}

  /** log2 of the range of a word 1: 12 to 51, or {@link #EVERYTHING}. */
  public static int sizeLg2(long word1) {
    if (!S.isSet(word1)) {
      return 12;
    }
    int lg2 = Long.numberOfTrailingZeros(~ADDRESS.inPlace(word1) & -(1L << 12)) + 1;
    return lg2 >= LARGEST_LG2 ? EVERYTHING : lg2;
  }

  /** First address of the range of a word 1; 0 for everything. */
  public static long base(long word1) {
    int lg2 = sizeLg2(word1);
    return lg2 == EVERYTHING ? 0 : ADDRESS.inPlace(word1) & -(1L << lg2);
  }

  /** Last address of the range of a word 1, inclusive. */
  public static long last(long word1) {
    int lg2 = sizeLg2(word1);
    return lg2 == EVERYTHING ? -1 : base(word1) | (1L << lg2) - 1;
  }

  /**
   * Address and S for the smallest range that covers two addresses and what lies between them.
   *
   * @param last inclusive, not below {@code first} (unsigned)
   */
  public static long of(long first, long last) {
    int lg2 = Long.SIZE - Long.numberOfLeadingZeros((first ^ last) | 0xFFF);
    if (lg2 >= LARGEST_LG2) {
      return ALL;
    }
    long base = first & -(1L << lg2);
    return lg2 == 12 ? base : base | ((1L << (lg2 - 1)) - 1 & -(1L << 12)) | S.mask();
  }
}
