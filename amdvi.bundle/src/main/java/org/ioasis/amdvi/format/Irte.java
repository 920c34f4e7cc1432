package org.ioasis.amdvi.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * Interrupt remapping table entry, 32 bits, as long as Control.GAEn is 0. "Interrupt Remapping
 * Tables".
 *
 * <p><b>Threading:</b> constants and pure functions.
 */
public final class Irte {
  // spotless:off
  public static final Field REMAP_EN    = bit ("RemapEn",       0);
  public static final Field SUP_IOPF    = bit ("SupIOPF",       1);   // no event
  public static final Field INT_TYPE    = bits("IntType",       4,   2);   // 0 fixed, 1 arbitrated
  public static final Field RQ_EOI      = bit ("RqEoi",         5);
  public static final Field DM          = bit ("DM",            6);   // 1 logical
  public static final Field GUEST_MODE  = bit ("GuestMode",     7);   // 0 with EFR.GASup=0
  public static final Field DESTINATION = bits("Destination",  15,   8);
  public static final Field VECTOR      = bits("Vector",       23,  16);

  /** The entry. */
  public static final Layout LAYOUT =
      Layout.of("IRTE", 32,
          REMAP_EN, SUP_IOPF, INT_TYPE, RQ_EOI, DM, GUEST_MODE, DESTINATION, VECTOR);
  // spotless:on

  /** log2 of the bytes of an entry. */
  public static final int BYTES_LG2 = 2;

  /** Highest legal IntType. */
  public static final int INT_TYPE_ARBITRATED = 1;

  private Irte() {}
}
