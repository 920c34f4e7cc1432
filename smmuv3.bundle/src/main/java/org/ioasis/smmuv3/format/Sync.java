package org.ioasis.smmuv3.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * CMD_SYNC: completes when everything before it has. "CMD_SYNC(ComplSignal, MSIAddress, MSIData,
 * MSIWriteAttributes)".
 *
 * <p><b>Threading:</b> constants.
 */
public final class Sync {
  // spotless:off
  public static final Field OPCODE  = bits("Opcode",       7,   0);
  public static final Field SSEC    = bit ("SSec",        10);    // must be 0
  public static final Field CS      = bits("CS",          13,  12);
  public static final Field MSH     = bits("MSH",         23,  22);
  public static final Field MSIATTR = bits("MSIAttr",     27,  24);
  public static final Field MSIDATA = bits("MSIData",     63,  32);
  public static final Field MSI_NS  = bit ("MSI_NS",      64);
  public static final Field MSIADDR = bits("MSIAddress", 119,  66);    // 0: no MSI

  /** The whole command. */
  public static final Layout LAYOUT =
      Layout.of(
          "CMD_SYNC", 128,
          OPCODE, SSEC, CS, MSH, MSIATTR, MSIDATA, MSI_NS, MSIADDR)
          .inPlace(MSIADDR);
  // spotless:on

  /** CS: none, interrupt, wake-up event. 3 is illegal. */
  public static final int CS_NONE = 0, CS_IRQ = 1, CS_SEV = 2;

  private Sync() {}
}
