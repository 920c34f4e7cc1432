package org.ioasis.amdvi.format;

import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * ILLEGAL_COMMAND_ERROR, COMMAND_HARDWARE_ERROR and IOTLB_INV_TIMEOUT, 128 bits.
 * "ILLEGAL_COMMAND_ERROR Event", "COMMAND_HARDWARE_ERROR Event", "IOTLB_INV_TIMEOUT Event".
 *
 * <p><b>Threading:</b> constants and pure functions.
 */
public final class CommandEvent {
  // spotless:off
  public static final Field DEVICE_ID = bits("DeviceID",  15,   0);   // of IOTLB_INV_TIMEOUT
  public static final Field TYPE      = bits("Type",      58,  57);   // of COMMAND_HARDWARE_ERROR
  public static final Field ADDRESS   = bits("Address",  127,  64);   // of the command, or of the access that failed

  /** The entry. */
  public static final Layout LAYOUT =
      Layout.of("COMMAND_EVENT", 128,
          DEVICE_ID, TYPE, ADDRESS, Event.CODE)
          .inPlace(ADDRESS);
  // spotless:on

  private CommandEvent() {}
}
