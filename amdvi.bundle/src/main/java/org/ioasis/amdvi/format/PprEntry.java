package org.ioasis.amdvi.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * Entry of the PPR log, 128 bits: a page request of a device. "Peripheral Page Request Log".
 *
 * <p><b>Threading:</b> constants and pure functions.
 */
public final class PprEntry {
  // spotless:off
  public static final Field DEVICE_ID   = bits("DeviceID",      15,   0);
  public static final Field PASID_15_0  = bits("PASID[15:0]",   31,  16);
  public static final Field PRG_INDEX   = bits("Tag[8:0]",      40,  32);
  public static final Field LAST        = bit ("Tag[9]",        41);   // last of its group
  public static final Field PASID_19_16 = bits("PASID[19:16]",  45,  42);
  public static final Field EXECUTE     = bit ("EX",            49);
  public static final Field READ        = bit ("RD",            50);
  public static final Field WRITE       = bit ("WR",            53);
  public static final Field US          = bit ("US",            54);   // user privilege
  public static final Field RZ          = bit ("RZ",            55);
  public static final Field GN          = bit ("GN",            56);   // PASID valid
  public static final Field CODE        = bits("PPRCode",       63,  60);   // 1
  public static final Field ADDRESS     = bits("Address",      127,  76);   // page

  /** The entry. */
  public static final Layout LAYOUT =
      Layout.of("PAGE_SERVICE_REQUEST", 128,
          DEVICE_ID, PASID_15_0, PRG_INDEX, LAST, PASID_19_16, EXECUTE, READ, WRITE, US, RZ, GN,
          CODE, ADDRESS)
          .inPlace(ADDRESS);
  // spotless:on

  /** The only code there is. */
  public static final int PAGE_SERVICE_REQUEST = 1;

  private PprEntry() {}

  /** The PASID. */
  public static int pasid(long word0) {
    return (int) (PASID_19_16.get(word0) << 16 | PASID_15_0.get(word0));
  }
}
