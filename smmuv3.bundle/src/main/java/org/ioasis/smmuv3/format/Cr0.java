package org.ioasis.smmuv3.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * SMMU_CR0 and SMMU_CR0ACK: the enables. "SMMU_CR0", "SMMU_CR0ACK".
 *
 * <p><b>Threading:</b> constants.
 */
public final class Cr0 {
  // spotless:off
  public static final Field SMMUEN      = bit ("SMMUEN",        0);
  public static final Field PRIQEN      = bit ("PRIQEN",        1);
  public static final Field EVENTQEN    = bit ("EVENTQEN",      2);
  public static final Field CMDQEN      = bit ("CMDQEN",        3);
  public static final Field ATSCHK      = bit ("ATSCHK",        4);    // translated transactions are checked
  public static final Field VMW         = bits("VMW",           8,   6);    // VMID bits ignored by invalidations
  public static final Field DPT_WALK_EN = bit ("DPT_WALK_EN",  10);

  /** The whole register. */
  public static final Layout LAYOUT =
      Layout.of(
          "SMMU_CR0", 32,
          SMMUEN, PRIQEN, EVENTQEN, CMDQEN, ATSCHK, VMW, DPT_WALK_EN);
  // spotless:on

  private Cr0() {}
}
