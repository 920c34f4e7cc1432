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

  private GuestPte() {}
}
