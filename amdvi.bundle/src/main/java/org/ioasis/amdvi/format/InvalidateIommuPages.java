package org.ioasis.amdvi.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * INVALIDATE_IOMMU_PAGES, 128 bits: translations of a domain, or of a domain and PASID, have
 * changed. The address carries the size, see {@link InvalidationAddress}. "INVALIDATE_IOMMU_PAGES".
 *
 * <p><b>Threading:</b> constants and pure functions.
 */
public final class InvalidateIommuPages {
  // spotless:off
  public static final Field PASID     = bits("PASID",     19,   0);
  public static final Field DOMAIN_ID = bits("DomainID",  47,  32);
  public static final Field S         = bit ("S",         64);   // the address carries a size
  public static final Field PDE       = bit ("PDE",       65);   // directory entries too
  public static final Field GN        = bit ("GN",        66);   // guest translations of a PASID
  public static final Field ADDRESS   = bits("Address",  127,  76);

  /** The command. */
  public static final Layout LAYOUT =
      Layout.of("INVALIDATE_IOMMU_PAGES", 128,
          PASID, DOMAIN_ID, S, PDE, GN, ADDRESS, Command.OPCODE)
          .inPlace(ADDRESS);
  // spotless:on

  private InvalidateIommuPages() {}

  /** Word 0. PASID 0 for host translations. */
  public static long word0(int domainId, int pasid) {
    return Command.OPCODE.of(Command.INVALIDATE_IOMMU_PAGES)
        | DOMAIN_ID.of(domainId)
        | PASID.of(pasid);
  }

  /**
   * Word 1.
   *
   * @param sized {@link InvalidationAddress#of}
   */
  public static long word1(long sized, boolean directories, boolean guest) {
    return sized | (directories ? PDE.mask() : 0) | (guest ? GN.mask() : 0);
  }
}
