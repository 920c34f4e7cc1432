package org.ioasis.amdvi.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * Leaf entry of a v1 (host) page table, 64 bits: next level 0 for the default size of its level, 7
 * for a size that stands in the low bits of the address. "I/O Page Table Entry Formats".
 *
 * <pre>
 *  size 2^k:   Address[51:k] | 0 at bit k-1 | ones at bits k-2 to 12
 * </pre>
 *
 * <p><b>Threading:</b> constants and pure functions.
 */
public final class HostPte {
  /** NextLevel: a leaf of the default size of its level. */
  public static final int NEXT_LEVEL_DEFAULT_SIZE = 0;

  /** NextLevel: a leaf whose size stands in its address. */
  public static final int NEXT_LEVEL_EXPLICIT_SIZE = 7;

  // spotless:off
  public static final Field PR         = bit ("PR",         0);
  public static final Field IGN_LOW    = bits("IGN[4:1]",   4,  1);
  public static final Field A          = bit ("A",          5);
  public static final Field D          = bit ("D",          6);
  public static final Field IGN_MIDDLE = bits("IGN[8:7]",   8,  7);
  public static final Field NEXT_LEVEL = bits("NextLevel", 11,  9);
  public static final Field ADDRESS    = bits("Address",   51, 12);
  public static final Field PMC        = bits("PMC",       58, 57);    // page migration, ignored without TMPM
  public static final Field U          = bit ("U",         59);
  public static final Field FC         = bit ("FC",        60);
  public static final Field IR         = bit ("IR",        61);
  public static final Field IW         = bit ("IW",        62);
  public static final Field IGN_HIGH   = bit ("IGN[63]",   63);

  /** The whole entry. */
  public static final Layout LAYOUT =
      Layout.of(
          "v1-PTE", 64, PR, IGN_LOW, A, D, IGN_MIDDLE, NEXT_LEVEL, ADDRESS, PMC, U, FC, IR, IW, IGN_HIGH)
          .inPlace(ADDRESS);
  // spotless:on

  private static final int LARGEST_LG2 = 51;

  private HostPte() {}

  /** log2 of the default size of a leaf in a level-{@code level} table, 1 to 6: 12, 21, 30, ... */
  public static int defaultSizeLg2(int level) {
    return 12 + 9 * (level - 1);
  }

  /** Bits of the IOVA that tables of {@code mode} levels translate: 12 + 9 * mode, at most 64. */
  public static int inputWidth(int mode) {
    return Math.min(12 + 9 * mode, Long.SIZE);
  }

  /** Index of an IOVA in a table of a level: 9 bits, at level 6 the 7 that are left. */
  public static int index(long iova, int level) {
    return (int) (iova >>> defaultSizeLg2(level)) & 0x1FF;
  }

  /** Byte address of the entry of an IOVA in a table of a level. */
  public static long entryAddress(long table, long iova, int level) {
    return table + 8L * index(iova, level);
  }

  /** Whether a leaf with an explicit size may stand in a table of this level. */
  public static boolean isLegalSize(int sizeLg2, int level) {
    return sizeLg2 > defaultSizeLg2(level)
        && sizeLg2 < defaultSizeLg2(level + 1)
        && sizeLg2 <= LARGEST_LG2;
  }

  /**
   * log2 of the size that stands in the address of a next-level-7 entry: one more than the lowest 0
   * at or above bit 12. Bits above the address count as 0, so the result is 13 to 53; 53 is no
   * legal size.
   */
  public static int explicitSizeLg2(long entry) {
    return Long.numberOfTrailingZeros(~ADDRESS.inPlace(entry) & -(1L << 12)) + 1;
  }

  /** First address of the page of a next-level-7 entry. */
  public static long explicitBase(long entry) {
    return ADDRESS.inPlace(entry) & -(1L << explicitSizeLg2(entry));
  }

  /**
   * An address with its size in it, in place, for a next-level-7 entry.
   *
   * @param base aligned to the size, below 2^52
   * @param sizeLg2 13 to 51
   */
  public static long explicitAddress(long base, int sizeLg2) {
    if (sizeLg2 < 13 || sizeLg2 > 51 || (base & ((1L << sizeLg2) - 1)) != 0) {
      throw new IllegalArgumentException(
          "v1-PTE: base 0x%x and size 2^%d: give 2^13 to 2^51 and an aligned base"
              .formatted(base, sizeLg2));
    }
    return ADDRESS.ofInPlace(base | ((1L << (sizeLg2 - 1)) - 1 & -(1L << 12)));
  }
}
