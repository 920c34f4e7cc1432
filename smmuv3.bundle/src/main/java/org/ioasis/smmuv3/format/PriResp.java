package org.ioasis.smmuv3.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * CMD_PRI_RESP: the answer to a page request group. "CMD_PRI_RESP(StreamID, SubstreamID, SSV,
 * PRGIndex, Resp)".
 *
 * <p><b>Threading:</b> constants.
 */
public final class PriResp {
  // spotless:off
  public static final Field OPCODE   = bits("Opcode",        7,   0);
  public static final Field SSEC     = bit ("SSec",         10);    // must be 0
  public static final Field SSV      = bit ("SSV",          11);
  public static final Field SSID     = bits("SubstreamID",  31,  12);
  public static final Field SID      = bits("StreamID",     63,  32);
  public static final Field PRGINDEX = bits("PRGIndex",     72,  64);
  public static final Field RESP     = bits("Resp",         77,  76);

  /** The whole command. */
  public static final Layout LAYOUT =
      Layout.of(
          "CMD_PRI_RESP", 128,
          OPCODE, SSEC, SSV, SSID, SID, PRGINDEX, RESP);
  // spotless:on

  /** Resp: Response Failure, Invalid Request, Success. 3 is illegal. */
  public static final int FAILURE = 0, INVALID = 1, SUCCESS = 2;

  private PriResp() {}
}
