package org.ioasis.smmuv3.format;

import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * SMMU_CMDQ_CONS, and the codes in its ERR. "SMMU_CMDQ_CONS", "Command queue errors".
 *
 * <p><b>Threading:</b> constants.
 */
public final class CmdqCons {
  // spotless:off
  public static final Field RD  = bits("RD",   19,   0);    // index and wrap
  public static final Field ERR = bits("ERR",  30,  24);

  /** The whole register. */
  public static final Layout LAYOUT =
      Layout.of(
          "SMMU_CMDQ_CONS", 32,
          RD, ERR);
  // spotless:on

  /** No error; illegal command; abort on a fetch; a device did not answer an invalidation. */
  public static final int CERROR_NONE = 0, CERROR_ILL = 1, CERROR_ABT = 2, CERROR_ATC_INV_SYNC = 3;

  private CmdqCons() {}
}
