package org.ioasis.vtd.format;

import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/** PASID-cache invalidate descriptor, pc_inv. VT-d, "PASID-cache Invalidate Descriptor". */
public final class PasidCacheInvalidate {
  /** Type of this descriptor. */
  public static final int CODE = 7;

  // spotless:off
  public static final Field G     = bits("G",       5,   4);   // granularity
  public static final Field DID   = bits("DID",    31,  16);   // domain id
  public static final Field PASID = bits("PASID",  51,  32);   // PASID
  // spotless:on

  /** Values of G; 2 is an error. */
  public static final int DOMAIN = 0, PASID_IN_DOMAIN = 1, GLOBAL = 3;

  public static final Layout LAYOUT =
      Layout.of("pc_inv_dsc", 256, Descriptor.TYPE, Descriptor.TYPE_HIGH, G, DID, PASID);

  private PasidCacheInvalidate() {}
}
