package org.ioasis.amdvi.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * DEV_TAB_HARDWARE_ERROR and PAGE_TAB_HARDWARE_ERROR, 128 bits. "DEV_TAB_HARDWARE_ERROR Event",
 * "PAGE_TAB_HARDWARE_ERROR Event".
 *
 * <p><b>Threading:</b> constants and pure functions.
 */
public final class TableHardwareError {
  // spotless:off
  public static final Field DEVICE_ID       = bits("DeviceID",              15,   0);
  public static final Field PASID_19_16     = bits("PASID[19:16]",          19,  16);   // not of code 3
  public static final Field DOMAIN_OR_PASID = bits("DomainID/PASID[15:0]",  47,  32);   // not of code 3
  public static final Field GN              = bit ("GN",                    48);   // not of code 3
  public static final Field I               = bit ("I",                     51);
  public static final Field RW              = bit ("RW",                    53);
  public static final Field TR              = bit ("TR",                    56);
  public static final Field TYPE            = bits("Type",                  58,  57);
  public static final Field ADDRESS         = bits("Address",              127,  64);   // of what was read

  /** The entry. */
  public static final Layout LAYOUT =
      Layout.of("TABLE_HARDWARE_ERROR", 128,
          DEVICE_ID, PASID_19_16, DOMAIN_OR_PASID, GN, I, RW, TR, TYPE, ADDRESS, Event.CODE)
          .inPlace(ADDRESS);
  // spotless:on

  /** Types: nobody answered, the target refused, the data was bad. */
  public static final int MASTER_ABORT = 1, TARGET_ABORT = 2, DATA_ERROR = 3;

  private TableHardwareError() {}
}
