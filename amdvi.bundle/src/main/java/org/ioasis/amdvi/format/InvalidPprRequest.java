package org.ioasis.amdvi.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * INVALID_PPR_REQUEST, 128 bits, laid out like a page request. "INVALID_PPR_REQUEST Event".
 *
 * <p><b>Threading:</b> constants and pure functions.
 */
public final class InvalidPprRequest {
  // spotless:off
  public static final Field DEVICE_ID   = bits("DeviceID",      15,   0);
  public static final Field PASID_15_0  = bits("PASID[15:0]",   31,  16);
  public static final Field PRG_INDEX   = bits("Tag[8:0]",      40,  32);
  public static final Field LAST        = bit ("Tag[9]",        41);
  public static final Field PASID_19_16 = bits("PASID[19:16]",  45,  42);
  public static final Field RX          = bit ("RX",            48);   // no answer is needed
  public static final Field GN          = bit ("GN",            56);   // PASID valid
  public static final Field ADDRESS     = bits("Address",      127,  64);

  /** The entry. */
  public static final Layout LAYOUT =
      Layout.of("INVALID_PPR_REQUEST", 128,
          DEVICE_ID, PASID_15_0, PRG_INDEX, LAST, PASID_19_16, RX, GN, ADDRESS, Event.CODE)
          .inPlace(ADDRESS);
  // spotless:on

  private InvalidPprRequest() {}
}
