package org.ioasis.smmuv3.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * SMMU_STRTAB_BASE and, as bits 95:64, SMMU_STRTAB_BASE_CFG: where the stream table lies and how it
 * is made. "SMMU_STRTAB_BASE", "SMMU_STRTAB_BASE_CFG", "Stream table lookup".
 *
 * <p><b>Threading:</b> constants and pure functions.
 */
public final class StrtabBase {
  // spotless:off
  public static final Field ADDR     = bits("ADDR",      55,   6);
  public static final Field RA       = bit ("RA",        62);
  public static final Field LOG2SIZE = bits("LOG2SIZE",  69,  64);    // bits of the StreamIDs it serves
  public static final Field SPLIT    = bits("SPLIT",     74,  70);    // StreamID bits of the second level
  public static final Field FMT      = bits("FMT",       81,  80);

  /** The whole two registers. */
  public static final Layout LAYOUT =
      Layout.of(
          "STRTAB", 96,
          ADDR, RA, LOG2SIZE, SPLIT, FMT)
          .inPlace(ADDR);
  // spotless:on

  /** FMT: linear; two-level. Others are linear. */
  public static final int FMT_LINEAR = 0, FMT_TWO_LEVEL = 1;

  /** StreamID bits that the second level resolves: 6, 8 or 10; every other value acts as 6. */
  public static int split(long cfg) {
    int split = (int) SPLIT.get(cfg);
    return split == 8 || split == 10 ? split : 6;
  }

  /** Whether the table has two levels. */
  public static boolean isTwoLevel(long cfg) {
    return FMT.get(cfg) == FMT_TWO_LEVEL;
  }

  /**
   * Address of the table: bits below its size count as 0, by the LOG2SIZE that was programmed.
   *
   * @param base SMMU_STRTAB_BASE
   * @param cfg SMMU_STRTAB_BASE_CFG
   */
  public static long address(long base, long cfg) {
    int log2size = (int) LOG2SIZE.get(cfg);
    int lowest = isTwoLevel(cfg) ? Math.max(6, log2size - split(cfg) + 3) : log2size + 6;
    return lowest >= 56 ? 0 : ADDR.inPlace(base) & -(1L << lowest);
  }

  private StrtabBase() {}
}
