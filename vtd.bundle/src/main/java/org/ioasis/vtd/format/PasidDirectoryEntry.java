package org.ioasis.vtd.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * PASID directory entry, 64 bits, one for 64 PASIDs. VT-d, "Scalable-Mode PASID Directory Entry".
 *
 * <pre>
 *  63                12 11       2  1    0
 * +--------------------+----------+-----+---+
 * |     SMPTBLPTR      | reserved | FPD | P |
 * +--------------------+----------+-----+---+
 * </pre>
 */
public final class PasidDirectoryEntry {
  // spotless:off
  /** Present. */
  public static final Field P         = bit ("P",          0);
  /** Fault processing disable; read even if P is 0. */
  public static final Field FPD       = bit ("FPD",        1);
  /** PASID table, a page address. */
  public static final Field SMPTBLPTR = bits("SMPTBLPTR", 63, 12);
  // spotless:on

  /** The structure. */
  public static final Layout LAYOUT =
      Layout.of("pasid-directory-entry", 64, P, FPD, SMPTBLPTR).inPlace(SMPTBLPTR);

  /** Bytes per entry. */
  public static final int BYTES = 8;

  /** Reserved bits, address bits above the host width not included. */
  public static final long RESERVED = LAYOUT.reserved(0);

  private PasidDirectoryEntry() {}

  /** Byte address of the entry for a PASID: index PASID[19:6]. */
  public static long address(long directory, int pasid) {
    return directory + (pasid >>> 6) * (long) BYTES;
  }
}
