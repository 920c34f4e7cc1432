package org.ioasis.vtd.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * Interrupt entry cache invalidate descriptor, iec_inv. VT-d, "Interrupt Entry Cache Invalidate
 * Descriptor".
 */
public final class InterruptEntryCacheInvalidate {
  /** Type of this descriptor. */
  public static final int CODE = 4;

  // spotless:off
  public static final Field G    = bit ("G",    4);           // 0 global, 1 index-selective
  public static final Field IM   = bits("IM",    31,  27);    // index mask: 2^IM entries
  public static final Field IIDX = bits("IIDX",  47,  32);    // first index
  // spotless:on

  public static final Layout LAYOUT =
      Layout.of("iec_inv_dsc", 256, Descriptor.TYPE, Descriptor.TYPE_HIGH, G, IM, IIDX);

  private InterruptEntryCacheInvalidate() {}
}
