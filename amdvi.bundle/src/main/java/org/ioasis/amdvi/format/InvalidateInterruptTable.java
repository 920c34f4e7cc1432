package org.ioasis.amdvi.format;

import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * INVALIDATE_INTERRUPT_TABLE, 128 bits: interrupt entries of a device have changed.
 * "INVALIDATE_INTERRUPT_TABLE".
 *
 * <p><b>Threading:</b> constants and pure functions.
 */
public final class InvalidateInterruptTable {
  // spotless:off
  public static final Field DEVICE_ID = bits("DeviceID",  15,   0);

  /** The command. */
  public static final Layout LAYOUT =
      Layout.of("INVALIDATE_INTERRUPT_TABLE", 128,
          DEVICE_ID, Command.OPCODE);
  // spotless:on

  private InvalidateInterruptTable() {}

  /** Word 0; word 1 is 0. */
  public static long of(int deviceId) {
    return Command.OPCODE.of(Command.INVALIDATE_INTERRUPT_TABLE) | DEVICE_ID.of(deviceId);
  }
}
