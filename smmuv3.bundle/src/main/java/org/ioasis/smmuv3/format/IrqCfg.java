package org.ioasis.smmuv3.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * The three registers of an interrupt of the unit: address, data, attributes.
 * "SMMU_GERROR_IRQ_CFG0", "SMMU_EVENTQ_IRQ_CFG0", "SMMU_PRIQ_IRQ_CFG0" and the registers that
 * follow them.
 *
 * <p>Positions: CFG0 is bits 63:0, CFG1 (DATA) bits 95:64, CFG2 bits 127:96.
 *
 * <p><b>Threading:</b> constants.
 */
public final class IrqCfg {
  // spotless:off
  public static final Field ADDR    = bits("ADDR",     55,   2);    // 0: no MSI
  public static final Field DATA    = bits("DATA",     95,  64);
  public static final Field MEMATTR = bits("MemAttr",  99,  96);
  public static final Field SH      = bits("SH",      101, 100);
  public static final Field LO      = bit ("LO",      127);    // PRI queue: signal on the last of a group

  /** The whole three registers. */
  public static final Layout LAYOUT =
      Layout.of(
          "IRQ_CFG", 128,
          ADDR, DATA, MEMATTR, SH, LO)
          .inPlace(ADDR);
  // spotless:on

  private IrqCfg() {}
}
