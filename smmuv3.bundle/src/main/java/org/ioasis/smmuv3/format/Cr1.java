package org.ioasis.smmuv3.format;

import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * SMMU_CR1: attributes of accesses to tables and queues. "SMMU_CR1".
 *
 * <p><b>Threading:</b> constants.
 */
public final class Cr1 {
  // spotless:off
  public static final Field QUEUE_IC = bits("QUEUE_IC",   1,   0);
  public static final Field QUEUE_OC = bits("QUEUE_OC",   3,   2);
  public static final Field QUEUE_SH = bits("QUEUE_SH",   5,   4);
  public static final Field TABLE_IC = bits("TABLE_IC",   7,   6);
  public static final Field TABLE_OC = bits("TABLE_OC",   9,   8);
  public static final Field TABLE_SH = bits("TABLE_SH",  11,  10);

  /** The whole register. */
  public static final Layout LAYOUT =
      Layout.of(
          "SMMU_CR1", 32,
          QUEUE_IC, QUEUE_OC, QUEUE_SH, TABLE_IC, TABLE_OC, TABLE_SH);
  // spotless:on

  /** Bits that are guarded by the queues' enables, and by SMMUEN. */
  public static final long QUEUE_FIELDS = QUEUE_IC.mask() | QUEUE_OC.mask() | QUEUE_SH.mask(),
      TABLE_FIELDS = TABLE_IC.mask() | TABLE_OC.mask() | TABLE_SH.mask();

  private Cr1() {}
}
