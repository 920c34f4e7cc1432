package org.ioasis.smmuv3.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * CMD_PREFETCH_CONFIG and CMD_PREFETCH_ADDR: hints. "CMD_PREFETCH_CONFIG(StreamID, SubstreamID)".
 *
 * <p><b>Threading:</b> constants.
 */
public final class Prefetch {
  // spotless:off
  public static final Field OPCODE = bits("Opcode",        7,   0);
  public static final Field SSEC   = bit ("SSec",         10);    // must be 0
  public static final Field SSV    = bit ("SSV",          11);
  public static final Field SSID   = bits("SubstreamID",  31,  12);
  public static final Field SID    = bits("StreamID",     63,  32);
  public static final Field SIZE   = bits("Size",         68,  64);
  public static final Field STRIDE = bits("Stride",       73,  69);
  public static final Field NS     = bit ("NS",           74);
  public static final Field ADDR   = bits("Addr",        127,  76);

  /** The whole command. */
  public static final Layout LAYOUT =
      Layout.of(
          "CMD_PREFETCH", 128,
          OPCODE, SSEC, SSV, SSID, SID, SIZE, STRIDE, NS, ADDR)
          .inPlace(ADDR);
  // spotless:on

  private Prefetch() {}
}
