package org.ioasis.amdvi.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * Entry of a GCR3 table, 64 bits: where the next GCR3 table lies, or at the last level the root of
 * a v2 (guest) page table. Each level takes 9 bits of the PASID. "Guest CR3 Table".
 *
 * <p><b>Threading:</b> constants and pure functions.
 */
public final class Gcr3Entry {
  /** Bytes of an entry. */
  public static final int BYTES = 8;

  /** Bits of the PASID that one level takes. */
  public static final int INDEX_BITS = 9;

  // spotless:off
  public static final Field V       = bit ("V",        0);
  public static final Field ADDRESS = bits("Address", 51, 12);

  /** The whole entry. */
  public static final Layout LAYOUT =
      Layout.of("GCR3-entry", 64, V, ADDRESS).inPlace(ADDRESS);
  // spotless:on

  private Gcr3Entry() {}

  /**
   * Index into a table.
   *
   * @param pasid 0 to 2^20-1
   * @param level 0 for the last table, up to GLX for the first
   */
  public static int index(int pasid, int level) {
    return pasid >>> (INDEX_BITS * level) & (1 << INDEX_BITS) - 1;
  }
}
