package org.ioasis.smmuv3.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * CMD_CFGI_STE_RANGE, which with Range 31 is CMD_CFGI_ALL. "CMD_CFGI_STE_RANGE(StreamID, SSec,
 * Range)".
 *
 * <p><b>Threading:</b> constants and pure functions.
 */
public final class CfgiRange {
  // spotless:off
  public static final Field OPCODE = bits("Opcode",     7,   0);
  public static final Field SSEC   = bit ("SSec",      10);    // must be 0
  public static final Field SID    = bits("StreamID",  63,  32);
  public static final Field RANGE  = bits("Range",     68,  64);    // 2^(Range+1) StreamIDs, aligned

  /** The whole command. */
  public static final Layout LAYOUT =
      Layout.of(
          "CMD_CFGI_STE_RANGE", 128,
          OPCODE, SSEC, SID, RANGE);
  // spotless:on

  /** Range of CMD_CFGI_ALL. */
  public static final int ALL = 31;

  private CfgiRange() {}
}
