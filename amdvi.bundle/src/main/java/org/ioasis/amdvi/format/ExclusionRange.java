package org.ioasis.amdvi.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * Exclusion base and limit registers, 64 bits each; the limit&#39;s low 12 bits act as FFFh. "IOMMU
 * Exclusion Base Register", "IOMMU Exclusion Range Limit Register".
 *
 * <p><b>Threading:</b> constants and pure functions.
 */
public final class ExclusionRange {
  // spotless:off
  public static final Field EX_EN = bit ("ExEn",    0);
  public static final Field ALLOW = bit ("Allow",   1);   // every device, whatever its DTE.EX
  public static final Field BASE  = bits("Base",   51,  12);
  public static final Field LIMIT = bits("Limit", 51, 12);    // of the second register

  /** The first register. */
  public static final Layout BASE_LAYOUT =
      Layout.of("Exclusion Base", 64,
          EX_EN, ALLOW, BASE)
          .inPlace(BASE);

  /** The second register. */
  public static final Layout LIMIT_LAYOUT =
      Layout.of("Exclusion Limit", 64,
          LIMIT)
          .inPlace(LIMIT);
  // spotless:on

  private ExclusionRange() {}

  /** Whether an address lies in the range; ExEn is not looked at. */
  public static boolean contains(long base, long limit, long address) {
    return Long.compareUnsigned(address, BASE.inPlace(base)) >= 0
        && Long.compareUnsigned(address, LIMIT.inPlace(limit) | 0xFFF) <= 0;
  }
}
