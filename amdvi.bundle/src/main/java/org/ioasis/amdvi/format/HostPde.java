package org.ioasis.amdvi.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * Directory entry of a v1 (host) page table, 64 bits: next level 1 to 6. "I/O Page Table Entry
 * Formats".
 *
 * <p><b>Threading:</b> constants.
 */
public final class HostPde {
  // spotless:off
  public static final Field PR         = bit ("PR",         0);
  public static final Field IGN_LOW    = bits("IGN[4:1]",   4,  1);
  public static final Field A          = bit ("A",          5);
  public static final Field IGN_MIDDLE = bits("IGN[8:6]",   8,  6);
  public static final Field NEXT_LEVEL = bits("NextLevel", 11,  9);
  public static final Field ADDRESS    = bits("Address",   51, 12);
  public static final Field IR         = bit ("IR",        61);
  public static final Field IW         = bit ("IW",        62);
  public static final Field IGN_HIGH   = bit ("IGN[63]",   63);

  /** The whole entry. */
  public static final Layout LAYOUT =
      Layout.of("v1-PDE", 64, PR, IGN_LOW, A, IGN_MIDDLE, NEXT_LEVEL, ADDRESS, IR, IW, IGN_HIGH)
          .inPlace(ADDRESS);
  // spotless:on

  private HostPde() {}
}
