package org.ioasis.amdvi.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * Entry of a v2 (guest) page table, 64 bits, in the long-mode format of x86-64. Bit 7 is the page
 * size above the last level and PAT in it; D and G count in leaves only. "Guest Page Tables".
 *
 * <p><b>Threading:</b> constants.
 */
public final class GuestPte {
  // spotless:off
  public static final Field P       = bit ("P",        0);
  public static final Field RW      = bit ("RW",       1);
  public static final Field US      = bit ("US",       2);
  public static final Field PWT     = bit ("PWT",      3);
  public static final Field PCD     = bit ("PCD",      4);
  public static final Field A       = bit ("A",        5);
  public static final Field D       = bit ("D",        6);
  public static final Field PS      = bit ("PS",       7);
  public static final Field G       = bit ("G",        8);
  public static final Field AVL_LOW = bits("AVL[11:9]", 11,  9);    // software's
  public static final Field ADDRESS = bits("Address", 51, 12);
  public static final Field AVL     = bits("AVL",     62, 52);      // software's
  public static final Field NX      = bit ("NX",      63);

  /** The whole entry; nothing is reserved in every profile. */
  public static final Layout LAYOUT =
      Layout.of("v2-PTE", 64, P, RW, US, PWT, PCD, A, D, PS, G, AVL_LOW, ADDRESS, AVL, NX)
          .inPlace(ADDRESS);
  // spotless:on

  /** Values of GuestPagingMode. */
  public static final int PAGING_4_LEVEL = 0, PAGING_5_LEVEL = 1;

  private GuestPte() {}

  /** log2 of the page that a leaf of a level, 1 to 3, maps: 12, 21, 30. */
  public static int sizeLg2(int level) {
    return 12 + 9 * (level - 1);
  }

  /** Byte address of the entry of an address in a table of a level, 1 to 5. */
  public static long entryAddress(long table, long address, int level) {
    return table + (address >>> sizeLg2(level) & 0x1FF) * 8;
  }

  /** Address of the page that a leaf of a level maps; what lies below the size is ignored. */
  public static long page(long entry, int level) {
    return ADDRESS.inPlace(entry) & -(1L << sizeLg2(level));
  }

  /** Address bits of a leaf of a level that the size leaves no room for; bit 12 is PAT there. */
  public static long belowPage(int level) {
    return level == 1 ? 0 : (1L << sizeLg2(level)) - 1 & -(1L << 13);
  }

  /** Whether bits 63:47, or 63:56 with 5 levels, are all equal. */
  public static boolean isCanonical(long address, int levels) {
    int unused = Long.SIZE - 12 - 9 * levels;
    return address << unused >> unused == address;
  }
}
