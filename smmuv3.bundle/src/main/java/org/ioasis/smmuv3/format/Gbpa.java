package org.ioasis.smmuv3.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * SMMU_GBPA: what happens to transactions while SMMUEN is 0. "SMMU_GBPA".
 *
 * <p><b>Threading:</b> constants.
 */
public final class Gbpa {
  // spotless:off
  public static final Field MEMATTR  = bits("MemAttr",    3,   0);
  public static final Field MTCFG    = bit ("MTCFG",      4);
  public static final Field ALLOCCFG = bits("ALLOCCFG",  11,   8);
  public static final Field SHCFG    = bits("SHCFG",     13,  12);
  public static final Field PRIVCFG  = bits("PRIVCFG",   17,  16);
  public static final Field INSTCFG  = bits("INSTCFG",   19,  18);
  public static final Field ABORT    = bit ("ABORT",     20);
  public static final Field UPDATE   = bit ("Update",    31);    // software sets, hardware clears

  /** The whole register. */
  public static final Layout LAYOUT =
      Layout.of(
          "SMMU_GBPA", 32,
          MEMATTR, MTCFG, ALLOCCFG, SHCFG, PRIVCFG, INSTCFG, ABORT, UPDATE);
  // spotless:on

  private Gbpa() {}
}
