package org.ioasis.smmuv3.format;

import static org.ioasis.kit.layout.Field.bit;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * SMMU_GERROR and SMMU_GERRORN: an error is active while the two differ in its bit. "SMMU_GERROR".
 *
 * <p><b>Threading:</b> constants.
 */
public final class Gerror {
  // spotless:off
  public static final Field CMDQ_ERR           = bit ("CMDQ_ERR",             0);
  public static final Field EVENTQ_ABT_ERR     = bit ("EVENTQ_ABT_ERR",       2);
  public static final Field PRIQ_ABT_ERR       = bit ("PRIQ_ABT_ERR",         3);
  public static final Field MSI_CMDQ_ABT_ERR   = bit ("MSI_CMDQ_ABT_ERR",     4);
  public static final Field MSI_EVENTQ_ABT_ERR = bit ("MSI_EVENTQ_ABT_ERR",   5);
  public static final Field MSI_PRIQ_ABT_ERR   = bit ("MSI_PRIQ_ABT_ERR",     6);
  public static final Field MSI_GERROR_ABT_ERR = bit ("MSI_GERROR_ABT_ERR",   7);
  public static final Field SFM_ERR            = bit ("SFM_ERR",              8);
  public static final Field CMDQP_ERR          = bit ("CMDQP_ERR",            9);
  public static final Field DPT_ERR            = bit ("DPT_ERR",             10);

  /** The whole register. */
  public static final Layout LAYOUT =
      Layout.of(
          "SMMU_GERROR", 32,
          CMDQ_ERR, EVENTQ_ABT_ERR, PRIQ_ABT_ERR, MSI_CMDQ_ABT_ERR, MSI_EVENTQ_ABT_ERR,
          MSI_PRIQ_ABT_ERR, MSI_GERROR_ABT_ERR, SFM_ERR, CMDQP_ERR, DPT_ERR);
  // spotless:on

  private Gerror() {}
}
