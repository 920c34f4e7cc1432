package org.ioasis.vtd.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/** IOTLB invalidate descriptor, iotlb_inv. VT-d, "IOTLB Invalidate Descriptor". */
public final class IotlbInvalidate {
  /** Type of this descriptor. */
  public static final int CODE = 2;

  // spotless:off
  public static final Field G    = bits("G",      5,   4);    // granularity
  public static final Field DW   = bit ("DW",   6);           // drain writes
  public static final Field DR   = bit ("DR",   7);           // drain reads
  public static final Field DID  = bits("DID",   31,  16);    // domain id
  public static final Field AM   = bits("AM",    69,  64);    // address mask: 2^AM pages
  public static final Field IH   = bit ("IH",   70);          // leaf entries only
  public static final Field ADDR = bits("ADDR", 127,  76);    // first page
  // spotless:on

  /** Values of G. */
  public static final int GLOBAL = 1, DOMAIN = 2, PAGE = 3;

  public static final Layout LAYOUT =
      Layout.of(
              "iotlb_inv_dsc",
              256,
              Descriptor.TYPE,
              Descriptor.TYPE_HIGH,
              G,
              DW,
              DR,
              DID,
              AM,
              IH,
              ADDR)
          .inPlace(ADDR);

  private IotlbInvalidate() {}
}
