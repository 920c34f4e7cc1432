package org.ioasis.amdvi.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;

/**
 * Address and data of an interrupt write, as it comes from a device and as it leaves. "Interrupt
 * Address Range".
 *
 * <p><b>Threading:</b> constants and pure functions.
 */
public final class InterruptMessage {
  // spotless:off
  public static final Field DM          = bit ("DM",            2);   // of the address: 1 logical
  public static final Field DESTINATION = bits("Destination",  19,  12);   // of the address
  public static final Field VECTOR   = bits("Vector",        7,   0);   // of the data
  public static final Field DELIVERY = bits("DeliveryMode", 10,   8);   // of the data
  public static final Field INDEX    = bits("Index",        10,   0);   // of the data, of a message to remap
  // spotless:on

  // spotless:off
  /** Delivery modes. */
  public static final int
      FIXED = 0, ARBITRATED = 1, SMI = 2, NMI = 4, INIT = 5, EXT_INT = 7;
  // spotless:on

  private InterruptMessage() {}

  /** Address of a message that leaves: destination bits 7:0 in 19:12 and 31:8 in 63:40. */
  public static long address(int destination, long mode) {
    return AddressMap.INTERRUPT_FIRST
        | DESTINATION.of(destination & 0xFF)
        | (destination & 0xFFFF_FF00L) << 32
        | DM.of(mode);
  }
}
