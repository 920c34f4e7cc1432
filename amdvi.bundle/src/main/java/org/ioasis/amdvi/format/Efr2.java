package org.ioasis.amdvi.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * Extended feature 2 register, 64 bits. "IOMMU Extended Feature 2 Register".
 *
 * <p><b>Threading:</b> constants and pure functions.
 */
public final class Efr2 {
  // spotless:off
  public static final Field SNP_IO_SUP        = bit ("SEVSNPIOSup",      1);
  public static final Field TMPM_SUP          = bit ("TMPMSup",          2);
  public static final Field GCR3_TRP_MODE_SUP = bit ("GCR3TRPModeSup",   3);
  public static final Field GAPPI_DIS_SUP     = bit ("GAPPIDisSup",      4);
  public static final Field SNPAVIC_SUP       = bits("SNPAVICSup",       7,   5);
  public static final Field NUM_INT_REMAP_SUP = bits("NumIntRemapSup",   9,   8);   // 1: 2048 per device
  public static final Field HT_RANGE_IGNORE   = bit ("HTRangeIgnore",   11);

  /** The register. */
  public static final Layout LAYOUT =
      Layout.of("Extended Feature 2", 64,
          SNP_IO_SUP, TMPM_SUP, GCR3_TRP_MODE_SUP, GAPPI_DIS_SUP, SNPAVIC_SUP,
          NUM_INT_REMAP_SUP, HT_RANGE_IGNORE);
  // spotless:on

  private Efr2() {}
}
