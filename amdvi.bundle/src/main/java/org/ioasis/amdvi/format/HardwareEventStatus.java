package org.ioasis.amdvi.format;

import static org.ioasis.kit.layout.Field.bit;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * Hardware event status register, 64 bits; both bits are RW1C. "IOMMU Hardware Event Status
 * Register".
 *
 * <p><b>Threading:</b> constants and pure functions.
 */
public final class HardwareEventStatus {
  // spotless:off
  public static final Field HEV = bit ("HEV",   0);   // an event is held
  public static final Field HEO = bit ("HEO",   1);   // another came while HEV was 1

  /** The register. */
  public static final Layout LAYOUT =
      Layout.of("Hardware Event Status", 64,
          HEV, HEO);
  // spotless:on

  private HardwareEventStatus() {}
}
