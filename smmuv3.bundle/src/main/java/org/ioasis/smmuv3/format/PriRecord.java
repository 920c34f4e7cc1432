package org.ioasis.smmuv3.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * A record of the PRI queue, 128 bits. "PRI queue record format".
 *
 * <p><b>Threading:</b> constants and pure functions.
 */
public final class PriRecord {
  // spotless:off
  public static final Field SID      = bits("StreamID",     31,   0);
  public static final Field SSID     = bits("SubstreamID",  51,  32);
  public static final Field PRIV     = bit ("Priv",         58);
  public static final Field X        = bit ("X",            59);
  public static final Field R        = bit ("R",            60);
  public static final Field W        = bit ("W",            61);
  public static final Field LAST     = bit ("Last",         62);
  public static final Field SSV      = bit ("SSV",          63);
  public static final Field PRGINDEX = bits("PRGIndex",     72,  64);
  public static final Field ADDR     = bits("Addr",        127,  76);

  /** The whole record. */
  public static final Layout LAYOUT =
      Layout.of(
          "PRI record", 128,
          SID, SSID, PRIV, X, R, W, LAST, SSV, PRGINDEX, ADDR)
          .inPlace(ADDR);
  // spotless:on

  /** Whether it marks the end of a PASID&#39;s use: last, neither read nor write. */
  public static boolean isStopMarker(long lo) {
    return SSV.isSet(lo) && LAST.isSet(lo) && !R.isSet(lo) && !W.isSet(lo);
  }

  private PriRecord() {}
}
