package org.ioasis.vtd.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/** Device-TLB invalidate descriptor, dev_tlb_inv. VT-d, "Device-TLB Invalidate Descriptor". */
public final class DeviceTlbInvalidate {
  /** Type of this descriptor. */
  public static final int CODE = 3;

  // spotless:off
  public static final Field PFSID_LO = bits("PFSID_LO",  15,  12); // PFSID[3:0], with ECAP.DIT
  public static final Field MIP      = bits("MIP",       20,  16); // most invalidations pending
  public static final Field SID      = bits("SID",       47,  32); // source id
  public static final Field PFSID_HI = bits("PFSID_HI",  63,  52); // PFSID[15:4], with ECAP.DIT
  public static final Field S        = bit ("S",        64);      // size is coded in ADDR
  public static final Field ADDR     = bits("ADDR",     127,  76); // first page and size
  // spotless:on

  public static final Layout LAYOUT =
      Layout.of(
              "dev_tlb_inv_dsc",
              256,
              Descriptor.TYPE,
              Descriptor.TYPE_HIGH,
              PFSID_LO,
              MIP,
              SID,
              PFSID_HI,
              S,
              ADDR)
          .inPlace(ADDR);

  private DeviceTlbInvalidate() {}
}
