package org.ioasis.amdvi.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * Interrupt control registers of the unit&#39;s own interrupts in x2APIC form, 64 bits: general,
 * PPR and GA. "IOMMU X2APIC Control Register".
 *
 * <p><b>Threading:</b> constants and pure functions.
 */
public final class XtInterruptControl {
  // spotless:off
  public static final Field DEST_MODE = bit ("DestMode",       2);   // 1 logical
  public static final Field DEST_LOW  = bits("Dest[23:0]",    31,   8);
  public static final Field VECTOR    = bits("Vector",        39,  32);
  public static final Field DELIVERY  = bit ("DeliveryMode",  40);   // 1 arbitrated
  public static final Field DEST_HIGH = bits("Dest[31:24]",   63,  56);

  /** The register. */
  public static final Layout LAYOUT =
      Layout.of("XT Interrupt Control", 64,
          DEST_MODE, DEST_LOW, VECTOR, DELIVERY, DEST_HIGH);
  // spotless:on

  private XtInterruptControl() {}

  /** The destination, 32 bits. */
  public static int destination(long register) {
    return (int) (DEST_HIGH.get(register) << 24 | DEST_LOW.get(register));
  }

  /** Address of the message. */
  public static long messageAddress(long register) {
    return InterruptMessage.address(destination(register), DEST_MODE.get(register));
  }

  /** Data of the message. */
  public static int messageData(long register) {
    return (int) (VECTOR.get(register) | DELIVERY.get(register) << 8);
  }
}
