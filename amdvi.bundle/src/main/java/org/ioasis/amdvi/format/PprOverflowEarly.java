package org.ioasis.amdvi.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * PPR log overflow early indicator register, 64 bits. "PPR Log Overflow Early Indicator Register".
 *
 * <p><b>Threading:</b> constants and pure functions.
 */
public final class PprOverflowEarly {
  // spotless:off
  public static final Field THRESHOLD = bits("PprOvrflwEarlyThreshold",  14,   0);   // entries
  public static final Field INT_EN    = bit ("PprOvrflwEarlyIntEn",      30);
  public static final Field EN        = bit ("PprOvrflwEarlyEn",         31);

  /** The register. */
  public static final Layout LAYOUT =
      Layout.of("PPR Overflow Early", 64,
          THRESHOLD, INT_EN, EN);
  // spotless:on

  private PprOverflowEarly() {}
}
