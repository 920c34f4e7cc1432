package org.ioasis.smmuv3.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * CMD_ATC_INV: a device forgets translations. "CMD_ATC_INV(StreamID, SubstreamID, SSV, Global,
 * Address, Size)".
 *
 * <p><b>Threading:</b> constants and pure functions.
 */
public final class AtcInv {
  // spotless:off
  public static final Field OPCODE = bits("Opcode",        7,   0);
  public static final Field GLOBAL = bit ("Global",        9);    // every PASID
  public static final Field SSEC   = bit ("SSec",         10);    // must be 0
  public static final Field SSV    = bit ("SSV",          11);
  public static final Field SSID   = bits("SubstreamID",  31,  12);
  public static final Field SID    = bits("StreamID",     63,  32);
  public static final Field SIZE   = bits("Size",         69,  64);    // log2 of the pages of 4 KiB
  public static final Field ADDR   = bits("Addr",        127,  76);

  /** The whole command. */
  public static final Layout LAYOUT =
      Layout.of(
          "CMD_ATC_INV", 128,
          OPCODE, GLOBAL, SSEC, SSV, SSID, SID, SIZE, ADDR)
          .inPlace(ADDR);
  // spotless:on

  /** Size that means every address. */
  public static final int SIZE_ALL = 52;

  private AtcInv() {}
}
