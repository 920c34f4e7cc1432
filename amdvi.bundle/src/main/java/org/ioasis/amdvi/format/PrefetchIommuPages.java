package org.ioasis.amdvi.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * PREFETCH_IOMMU_PAGES, 128 bits: translations that will be needed. "PREFETCH_IOMMU_PAGES".
 *
 * <p><b>Threading:</b> constants and pure functions.
 */
public final class PrefetchIommuPages {
  // spotless:off
  public static final Field DEVICE_ID = bits("DeviceID",  15,   0);
  public static final Field PF_COUNT  = bits("PFCount",   31,  24);   // pages
  public static final Field PASID     = bits("PASID",     51,  32);
  public static final Field S         = bit ("S",         64);
  public static final Field GN        = bit ("GN",        66);
  public static final Field INVAL     = bit ("Inval",     68);   // invalidate first
  public static final Field ADDRESS   = bits("Address",  127,  76);

  /** The command. */
  public static final Layout LAYOUT =
      Layout.of("PREFETCH_IOMMU_PAGES", 128,
          DEVICE_ID, PF_COUNT, PASID, S, GN, INVAL, ADDRESS, Command.OPCODE)
          .inPlace(ADDRESS);
  // spotless:on

  private PrefetchIommuPages() {}
}
