package org.ioasis.smmuv3.format;

import static org.ioasis.kit.layout.Field.bit;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * SMMU_CR2. "SMMU_CR2".
 *
 * <p><b>Threading:</b> constants.
 */
public final class Cr2 {
  // spotless:off
  public static final Field E2H         = bit ("E2H",           0);    // EL2 StreamWorld is EL2-E2H
  public static final Field RECINVSID   = bit ("RECINVSID",     1);    // record C_BAD_STREAMID
  public static final Field PTM         = bit ("PTM",           2);    // ignore broadcast maintenance
  public static final Field REC_CFG_ATS = bit ("REC_CFG_ATS",   3);    // record configuration errors of ATS

  /** The whole register. */
  public static final Layout LAYOUT =
      Layout.of(
          "SMMU_CR2", 32,
          E2H, RECINVSID, PTM, REC_CFG_ATS);
  // spotless:on

  private Cr2() {}
}
