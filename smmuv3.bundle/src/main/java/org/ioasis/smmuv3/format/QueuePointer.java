package org.ioasis.smmuv3.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * SMMU_EVENTQ_PROD, EVENTQ_CONS, PRIQ_PROD, PRIQ_CONS; CMDQ_PROD has no flag. "SMMU_EVENTQ_PROD",
 * "SMMU_EVENTQ_CONS".
 *
 * <p><b>Threading:</b> constants.
 */
public final class QueuePointer {
  // spotless:off
  public static final Field POINTER  = bits("WR or RD",           19,   0);    // index and wrap
  public static final Field OVERFLOW = bit ("OVFLG or OVACKFLG",  31);    // they differ: an overflow stands

  /** The whole register. */
  public static final Layout LAYOUT =
      Layout.of(
          "QUEUE_POINTER", 32,
          POINTER, OVERFLOW);
  // spotless:on

  private QueuePointer() {}
}
