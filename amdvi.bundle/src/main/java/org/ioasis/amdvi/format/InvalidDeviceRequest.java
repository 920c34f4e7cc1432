package org.ioasis.amdvi.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * INVALID_DEVICE_REQUEST, 128 bits. "INVALID_DEVICE_REQUEST Event".
 *
 * <p><b>Threading:</b> constants and pure functions.
 */
public final class InvalidDeviceRequest {
  // spotless:off
  public static final Field DEVICE_ID   = bits("DeviceID",      15,   0);
  public static final Field PASID_19_16 = bits("PASID[19:16]",  19,  16);
  public static final Field PASID_15_0  = bits("PASID[15:0]",   47,  32);
  public static final Field GN          = bit ("GN",            48);   // PASID valid
  public static final Field US          = bit ("US",            49);
  public static final Field TR          = bit ("TR",            56);
  public static final Field TYPE        = bits("Type",          59,  57);
  public static final Field ADDRESS     = bits("Address",      127,  64);

  /** The entry. */
  public static final Layout LAYOUT =
      Layout.of("INVALID_DEVICE_REQUEST", 128,
          DEVICE_ID, PASID_19_16, PASID_15_0, GN, US, TR, TYPE, ADDRESS, Event.CODE)
          .inPlace(ADDRESS);
  // spotless:on

  // spotless:off
  /** Types with TR=0. */
  public static final int
      READ_OF_INTERRUPT_RANGE = 0, PRETRANSLATED = 1, PORT_IO = 2, SYSTEM_MANAGEMENT_WRITE = 3,
      SYSTEM_MANAGEMENT_READ = 4, INTERRUPT_BLOCKED = 5, RESERVED_INTERRUPT_RANGE = 6,
      CONTROL_WITHOUT_TRANSLATION = 7;

  /** Types with TR=1. */
  public static final int
      TRANSLATION_DISABLED = 0, TRANSLATION_OF_SPECIAL_RANGE = 1;
  // spotless:on

  private InvalidDeviceRequest() {}
}
