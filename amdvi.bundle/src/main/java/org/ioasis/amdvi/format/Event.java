package org.ioasis.amdvi.format;

import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;

/**
 * What all entries of the event log share: 128 bits with the code in 63:60 and, in most, the
 * DeviceID. "Event Log".
 *
 * <p><b>Threading:</b> constants and pure functions.
 */
public final class Event {
  // spotless:off
  public static final Field DEVICE_ID = bits("DeviceID",   15,   0);
  public static final Field FLAGS     = bits("Flags",      59,  48);   // as operating systems print them
  public static final Field CODE      = bits("EventCode",  63,  60);
  // spotless:on

  // spotless:off
  /** Codes. */
  public static final int
      ILLEGAL_DEV_TABLE_ENTRY = 1, IO_PAGE_FAULT = 2, DEV_TAB_HARDWARE_ERROR = 3,
      PAGE_TAB_HARDWARE_ERROR = 4, ILLEGAL_COMMAND_ERROR = 5, COMMAND_HARDWARE_ERROR = 6,
      IOTLB_INV_TIMEOUT = 7, INVALID_DEVICE_REQUEST = 8, INVALID_PPR_REQUEST = 9;
  // spotless:on

  private static final String[] NAMES = {
    null,
    "ILLEGAL_DEV_TABLE_ENTRY",
    "IO_PAGE_FAULT",
    "DEV_TAB_HARDWARE_ERROR",
    "PAGE_TAB_HARDWARE_ERROR",
    "ILLEGAL_COMMAND_ERROR",
    "COMMAND_HARDWARE_ERROR",
    "IOTLB_INV_TIMEOUT",
    "INVALID_DEVICE_REQUEST",
    "INVALID_PPR_REQUEST"
  };

  private Event() {}

  /** The code of an entry, 1 to 15; 0 is a slot that has not been written. */
  public static int code(long word0) {
    return (int) CODE.get(word0);
  }

  /** The specification&#39;s name of a code, {@code EVENT_A} for one without a name here. */
  public static String name(int code) {
    return code > 0 && code < NAMES.length ? NAMES[code] : "EVENT_%X".formatted(code);
  }
}
