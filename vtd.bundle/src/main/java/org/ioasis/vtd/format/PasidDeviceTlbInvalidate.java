package org.ioasis.vtd.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * PASID-based device-TLB invalidate descriptor, p_dev_tlb_inv. VT-d, "PASID-based-Device-TLB
 * Invalidate Descriptor".
 */
public final class PasidDeviceTlbInvalidate {
  /** Type of this descriptor. */
  public static final int CODE = 8;

  // spotless:off
  public static final Field MIP      = bits("MIP",        8,   4); // most invalidations pending
  public static final Field PFSID_LO = bits("PFSID_LO",  15,  12); // PFSID[3:0], with ECAP.DIT
  public static final Field SID      = bits("SID",       31,  16); // source id
  public static final Field PASID    = bits("PASID",     51,  32); // PASID
  public static final Field PFSID_HI = bits("PFSID_HI",  63,  52); // PFSID[15:4], with ECAP.DIT
  public static final Field G        = bit ("G",        64);      // all PASIDs
  public static final Field S        = bit ("S",        75);      // size is coded in ADDR
  public static final Field ADDR     = bits("ADDR",     127,  76); // first page and size
  // spotless:on

  public static final Layout LAYOUT =
      Layout.of(
              "p_dev_tlb_inv_dsc",
              256,
              Descriptor.TYPE,
              Descriptor.TYPE_HIGH,
              MIP,
              PFSID_LO,
              SID,
              PASID,
              PFSID_HI,
              G,
              S,
              ADDR)
          .inPlace(ADDR);

  private PasidDeviceTlbInvalidate() {}
}
