package org.ioasis.vtd.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/** Invalidation wait descriptor, inv_wait. VT-d, "Invalidation Wait Descriptor". */
public final class InvalidationWait {
  /** Type of this descriptor. */
  public static final int CODE = 5;

  // spotless:off
  public static final Field IF     = bit ("IF",     4);         // interrupt when done
  public static final Field SW     = bit ("SW",     5);         // status write when done
  public static final Field FN     = bit ("FN",     6);         // fence
  public static final Field PD     = bit ("PD",     7);         // page-request drain, with ECAP.PDS
  public static final Field STDATA = bits("STDATA",  63,  32);  // status data
  public static final Field STADDR = bits("STADDR", 127,  66);  // status address
  // spotless:on

  public static final Layout LAYOUT =
      Layout.of(
              "inv_wait_dsc",
              256,
              Descriptor.TYPE,
              Descriptor.TYPE_HIGH,
              IF,
              SW,
              FN,
              PD,
              STDATA,
              STADDR)
          .inPlace(STADDR);

  private InvalidationWait() {}
}
