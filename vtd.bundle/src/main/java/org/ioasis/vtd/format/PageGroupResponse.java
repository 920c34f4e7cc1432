package org.ioasis.vtd.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/** Page group response descriptor, page_grp_resp. VT-d, "Page Group Response Descriptor". */
public final class PageGroupResponse {
  /** Type of this descriptor. */
  public static final int CODE = 9;

  // spotless:off
  public static final Field PP    = bit ("PP",    4);          // PASID present
  public static final Field RC    = bits("RC",     15,  12);   // response code
  public static final Field RID   = bits("RID",    31,  16);   // requester id
  public static final Field PASID = bits("PASID",  51,  32);   // PASID
  public static final Field LPIG  = bit ("LPIG",  66);         // last in group, older
  public static final Field PRGI  = bits("PRGI",   75,  67);   // page request group index
  // spotless:on

  /** Values of RC. */
  public static final int SUCCESS = 0, INVALID_REQUEST = 1, RESPONSE_FAILURE = 0xF;

  public static final Layout LAYOUT =
      Layout.of(
          "page_grp_resp_dsc",
          256,
          Descriptor.TYPE,
          Descriptor.TYPE_HIGH,
          PP,
          RC,
          RID,
          PASID,
          LPIG,
          PRGI);

  private PageGroupResponse() {}
}
