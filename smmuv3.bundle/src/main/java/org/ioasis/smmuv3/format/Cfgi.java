package org.ioasis.smmuv3.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * CMD_CFGI_STE, CMD_CFGI_CD and CMD_CFGI_CD_ALL: the caches of STEs and CDs. "Configuration
 * invalidation commands".
 *
 * <p><b>Threading:</b> constants.
 */
public final class Cfgi {
  // spotless:off
  public static final Field OPCODE = bits("Opcode",        7,   0);
  public static final Field SSEC   = bit ("SSec",         10);    // must be 0
  public static final Field SSID   = bits("SubstreamID",  31,  12);
  public static final Field SID    = bits("StreamID",     63,  32);
  public static final Field LEAF   = bit ("Leaf",         64);    // level-1 descriptors may stay

  /** The whole command. */
  public static final Layout LAYOUT =
      Layout.of(
          "CMD_CFGI", 128,
          OPCODE, SSEC, SSID, SID, LEAF);
  // spotless:on

  private Cfgi() {}
}
