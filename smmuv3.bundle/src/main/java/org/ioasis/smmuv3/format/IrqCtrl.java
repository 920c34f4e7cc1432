package org.ioasis.smmuv3.format;

import static org.ioasis.kit.layout.Field.bit;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * SMMU_IRQ_CTRL and SMMU_IRQ_CTRLACK. "SMMU_IRQ_CTRL".
 *
 * <p><b>Threading:</b> constants.
 */
public final class IrqCtrl {
  // spotless:off
  public static final Field GERROR_IRQEN = bit ("GERROR_IRQEN",   0);
  public static final Field PRIQ_IRQEN   = bit ("PRIQ_IRQEN",     1);
  public static final Field EVENTQ_IRQEN = bit ("EVENTQ_IRQEN",   2);

  /** The whole register. */
  public static final Layout LAYOUT =
      Layout.of(
          "SMMU_IRQ_CTRL", 32,
          GERROR_IRQEN, PRIQ_IRQEN, EVENTQ_IRQEN);
  // spotless:on

  private IrqCtrl() {}
}
