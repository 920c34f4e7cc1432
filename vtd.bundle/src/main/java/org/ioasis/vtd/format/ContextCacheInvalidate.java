package org.ioasis.vtd.format;

import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/** Context-cache invalidate descriptor, cc_inv. VT-d, "Context-cache Invalidate Descriptor". */
public final class ContextCacheInvalidate {
  /** Type of this descriptor. */
  public static final int CODE = 1;

  // spotless:off
  public static final Field G   = bits("G",     5,   4);     // granularity
  public static final Field DID = bits("DID",  31,  16);     // domain id
  public static final Field SID = bits("SID",  47,  32);     // source id
  public static final Field FM  = bits("FM",   49,  48);     // function mask
  // spotless:on

  /** Values of G. */
  public static final int GLOBAL = 1, DOMAIN = 2, DEVICE = 3;

  public static final Layout LAYOUT =
      Layout.of("cc_inv_dsc", 256, Descriptor.TYPE, Descriptor.TYPE_HIGH, G, DID, SID, FM);

  private ContextCacheInvalidate() {}
}
