package org.ioasis.smmuv3.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * CMD_RESUME: the end of one stall. "CMD_RESUME(StreamID, SSec, STAG, Action, Abort)".
 *
 * <p><b>Threading:</b> constants.
 */
public final class Resume {
  // spotless:off
  public static final Field OPCODE = bits("Opcode",     7,   0);
  public static final Field SSEC   = bit ("SSec",      10);    // must be 0
  public static final Field AC     = bit ("Ac",        12);    // retry
  public static final Field AB     = bit ("Ab",        13);    // with Ac=0: abort, otherwise RAZ/WI
  public static final Field SID    = bits("StreamID",  63,  32);
  public static final Field STAG   = bits("STAG",      79,  64);

  /** The whole command. */
  public static final Layout LAYOUT =
      Layout.of(
          "CMD_RESUME", 128,
          OPCODE, SSEC, AC, AB, SID, STAG);
  // spotless:on

  private Resume() {}
}
