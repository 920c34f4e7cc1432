package org.ioasis.vtd.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * Scalable-mode root-entry, 128 bits: the lower half serves devices and functions 00h to 7Fh of the
 * bus, the upper half 80h to FFh. VT-d, "Scalable-Mode Root Entry".
 */
public final class ScalableRootEntry {
  // spotless:off
  /** Lower half present. */
  public static final Field LP   = bit ("LP",     0);
  /** Lower context table, a page address. */
  public static final Field LCTP = bits("LCTP",  63, 12);
  /** Upper half present. */
  public static final Field UP   = bit ("UP",    64);
  /** Upper context table, a page address. */
  public static final Field UCTP = bits("UCTP", 127, 76);
  // spotless:on

  /** The structure. */
  public static final Layout LAYOUT =
      Layout.of("scalable-root-entry", 128, LP, LCTP, UP, UCTP).inPlace(LCTP, UCTP);

  /** Bytes per entry. */
  public static final int BYTES = 16;

  /** Reserved bits of either half, address bits above the host width not included. */
  public static final long RESERVED = LAYOUT.reserved(0);

  private ScalableRootEntry() {}

  /**
   * Byte address of the half of the entry that serves a source id. Both halves have the bits of the
   * lower one.
   *
   * @param table address of the root table
   * @param sourceId bus 15:8, device 7:3, function 2:0
   */
  public static long halfAddress(long table, int sourceId) {
    return table + (sourceId >>> 8 & 0xFF) * (long) BYTES + (isUpper(sourceId) ? 8 : 0);
  }

  /** Whether the upper half serves this source id. */
  public static boolean isUpper(int sourceId) {
    return (sourceId & 0x80) != 0;
  }
}
