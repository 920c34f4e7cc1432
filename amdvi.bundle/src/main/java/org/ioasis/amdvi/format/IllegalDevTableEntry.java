package org.ioasis.amdvi.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * ILLEGAL_DEV_TABLE_ENTRY, 128 bits. "ILLEGAL_DEV_TABLE_ENTRY Event".
 *
 * <p><b>Threading:</b> constants and pure functions.
 */
public final class IllegalDevTableEntry {
  // spotless:off
  public static final Field DEVICE_ID   = bits("DeviceID",      15,   0);
  public static final Field PASID_19_16 = bits("PASID[19:16]",  19,  16);
  public static final Field PASID_15_0  = bits("PASID[15:0]",   47,  32);
  public static final Field GN          = bit ("GN",            48);   // PASID valid
  public static final Field I           = bit ("I",             51);
  public static final Field RW          = bit ("RW",            53);
  public static final Field RZ          = bit ("RZ",            55);
  public static final Field TR          = bit ("TR",            56);
  public static final Field ADDRESS     = bits("Address",      127,  66);

  /** The entry. */
  public static final Layout LAYOUT =
      Layout.of("ILLEGAL_DEV_TABLE_ENTRY", 128,
          DEVICE_ID, PASID_19_16, PASID_15_0, GN, I, RW, RZ, TR, ADDRESS, Event.CODE)
          .inPlace(ADDRESS);
  // spotless:on

  private IllegalDevTableEntry() {}
}
