package org.ioasis.amdvi.format;

import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * INVALIDATE_DEVTAB_ENTRY, 128 bits: a device table entry has changed. "INVALIDATE_DEVTAB_ENTRY".
 *
 * <p><b>Threading:</b> constants and pure functions.
 */
public final class InvalidateDevtabEntry {
  // spotless:off
  public static final Field DEVICE_ID = bits("DeviceID",  15,   0);

  /** The command. */
  public static final Layout LAYOUT =
      Layout.of("INVALIDATE_DEVTAB_ENTRY", 128,
          DEVICE_ID, Command.OPCODE);
  // spotless:on

  private InvalidateDevtabEntry() {}

  /** Word 0; word 1 is 0. */
  public static long of(int deviceId) {
    return Command.OPCODE.of(Command.INVALIDATE_DEVTAB_ENTRY) | DEVICE_ID.of(deviceId);
  }
}
