package org.ioasis.vtd.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * PASID-based IOTLB invalidate descriptor, p_iotlb_inv. VT-d, "PASID-based IOTLB Invalidate
 * Descriptor".
 */
public final class PasidIotlbInvalidate {
  /** Type of this descriptor. */
  public static final int CODE = 6;

  // spotless:off
  public static final Field G     = bits("G",       5,   4);   // granularity
  public static final Field DID   = bits("DID",    31,  16);   // domain id
  public static final Field PASID = bits("PASID",  51,  32);   // PASID
  public static final Field AM    = bits("AM",     69,  64);   // address mask: 2^AM pages
  public static final Field IH    = bit ("IH",    70);         // leaf entries only
  public static final Field ADDR  = bits("ADDR",  127,  76);   // first page
  // spotless:on

  /** Values of G; 0 and 1 are errors. */
  public static final int ALL = 2, PAGE = 3;

  public static final Layout LAYOUT =
      Layout.of(
              "p_iotlb_inv_dsc",
              256,
              Descriptor.TYPE,
              Descriptor.TYPE_HIGH,
              G,
              DID,
              PASID,
              AM,
              IH,
              ADDR)
          .inPlace(ADDR);

  private PasidIotlbInvalidate() {}
}
