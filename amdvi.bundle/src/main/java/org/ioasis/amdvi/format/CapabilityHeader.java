package org.ioasis.amdvi.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * Header of the PCI capability block, 32 bits: what the unit says of itself outside its register
 * block. "IOMMU Capability Block Registers".
 *
 * <p><b>Threading:</b> constants and pure functions.
 */
public final class CapabilityHeader {
  // spotless:off
  public static final Field CAP_ID    = bits("CapId",      7,   0);
  public static final Field NEXT      = bits("CapPtr",    15,   8);
  public static final Field TYPE      = bits("CapType",   18,  16);   // 3: IOMMU
  public static final Field REVISION  = bits("CapRev",    23,  19);   // 1
  public static final Field IOTLB_SUP = bit ("IotlbSup",  24);   // device IOTLBs (ATS)
  public static final Field HT_TUNNEL = bit ("HtTunnel",  25);
  public static final Field NP_CACHE  = bit ("NpCache",   26);   // not-present entries may be cached
  public static final Field EFR_SUP   = bit ("EFRSup",    27);
  public static final Field CAP_EXT   = bit ("CapExt",    28);

  /** The register. */
  public static final Layout LAYOUT =
      Layout.of("IOMMU Capability Header", 32,
          CAP_ID, NEXT, TYPE, REVISION, IOTLB_SUP, HT_TUNNEL, NP_CACHE, EFR_SUP, CAP_EXT);
  // spotless:on

  private CapabilityHeader() {}
}
