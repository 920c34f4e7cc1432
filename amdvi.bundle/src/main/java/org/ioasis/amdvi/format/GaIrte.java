package org.ioasis.amdvi.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * Interrupt remapping table entry, 128 bits, remapped form (GuestMode=0), with Control.GAEn=1.
 * "Interrupt Remapping Tables, Guest Virtual APIC Enabled".
 *
 * <p><b>Threading:</b> constants and pure functions.
 */
public final class GaIrte {
  // spotless:off
  public static final Field REMAP_EN   = bit ("RemapEn",              0);
  public static final Field SUP_IOPF   = bit ("SupIOPF",              1);   // no event
  public static final Field INT_TYPE   = bits("IntType",              4,   2);   // 0 fixed, 1 arbitrated
  public static final Field RQ_EOI     = bit ("RqEoi",                5);
  public static final Field DM         = bit ("DM",                   6);   // 1 logical
  public static final Field GUEST_MODE = bit ("GuestMode",            7);
  public static final Field DEST_23_0  = bits("Destination[23:0]",   31,   8);   // [7:0] alone without XTEn
  public static final Field VECTOR     = bits("Vector",              71,  64);
  public static final Field DEST_31_24 = bits("Destination[31:24]", 127, 120);

  /** The entry. */
  public static final Layout LAYOUT =
      Layout.of("GA-IRTE", 128,
          REMAP_EN, SUP_IOPF, INT_TYPE, RQ_EOI, DM, GUEST_MODE, DEST_23_0, VECTOR, DEST_31_24);
  // spotless:on

  /** log2 of the bytes of an entry. */
  public static final int BYTES_LG2 = 4;

  private GaIrte() {}

  /** The destination, 32 bits. */
  public static int destination(long word0, long word1) {
    return (int) (DEST_31_24.get(word0, word1) << 24 | DEST_23_0.get(word0));
  }
}
