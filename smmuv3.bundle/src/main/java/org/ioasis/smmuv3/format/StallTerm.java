package org.ioasis.smmuv3.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * CMD_STALL_TERM: every stall of a stream ends with an abort. "CMD_STALL_TERM(StreamID, SSec)".
 *
 * <p><b>Threading:</b> constants.
 */
public final class StallTerm {
  // spotless:off
  public static final Field OPCODE = bits("Opcode",     7,   0);
  public static final Field SSEC   = bit ("SSec",      10);    // must be 0
  public static final Field SID    = bits("StreamID",  63,  32);

  /** The whole command. */
  public static final Layout LAYOUT =
      Layout.of(
          "CMD_STALL_TERM", 128,
          OPCODE, SSEC, SID);
  // spotless:on

  private StallTerm() {}
}
