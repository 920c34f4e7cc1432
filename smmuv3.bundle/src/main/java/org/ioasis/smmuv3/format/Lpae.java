package org.ioasis.smmuv3.format;

/**
 * Geometry of VMSAv8-64 translation tables: granules, levels, start levels, the two codings of TG,
 * and where a descriptor holds its output address. "Translation table lookup and levels".
 *
 * <p>Levels are the architecture's: 3 is the last one, 0 or -1 the first. A granule is named by its
 * log2, 12, 14 or 16.
 *
 * <p><b>Threading:</b> pure functions.
 */
public final class Lpae {
  /** Granules. */
  public static final int GRANULE_4K = 12, GRANULE_16K = 14, GRANULE_64K = 16;

  /** Last level. */
  public static final int LAST_LEVEL = 3;

  /** Bytes of a descriptor, as log2. */
  public static final int DESCRIPTOR_LG2 = 3;

  /**
   * Where the output address stands in a descriptor: bits 47:12; bits 47:16 with 51:48 in 15:12
   * (64K with 52 bits); bits 49:12 with 51:50 in 9:8 (DS).
   */
  public static final int ADDRESS_48 = 0, ADDRESS_64K_52 = 1, ADDRESS_DS = 2;

  /** No such level, or no such granule. */
  public static final int NONE = -8;

  private static final long BITS_47_12 = 0x0000_FFFF_FFFF_F000L;
  private static final long BITS_47_16 = 0x0000_FFFF_FFFF_0000L;
  private static final long BITS_49_12 = 0x0003_FFFF_FFFF_F000L;
  private static final long BITS_15_12 = 0xF000;
  private static final long BITS_9_8 = 0x300;
  private static final int FROM_15_12 = 36, FROM_9_8 = 42;

  private Lpae() {}

  /** Address bits that one table of a granule resolves. */
  public static int indexBits(int granuleLg2) {
    return granuleLg2 - DESCRIPTOR_LG2;
  }

  /** log2 of what one descriptor of a level covers. */
  public static int shift(int granuleLg2, int level) {
    return granuleLg2 + (LAST_LEVEL - level) * (granuleLg2 - DESCRIPTOR_LG2);
  }

  /**
   * First level of a stage-1 walk.
   *
   * @param inputBits 64 - TxSZ, at least the granule + 1
   */
  public static int startLevel(int granuleLg2, int inputBits) {
    return 4 - (inputBits - 4) / indexBits(granuleLg2);
  }

  /**
   * Whether a block descriptor is allowed at a level above the last one.
   *
   * @param ds 52 bits with 4K and 16K granules
   * @param output52 the unit has 52-bit output addresses
   */
  public static boolean isBlockLevel(int granuleLg2, int level, boolean ds, boolean output52) {
    return switch (granuleLg2) {
      case GRANULE_4K -> level == 2 || level == 1 || (level == 0 && ds);
      case GRANULE_16K -> level == 2 || (level == 1 && ds);
      default -> level == 2 || (level == 1 && output52);
    };
  }

  /** The granule of CD.TG0 and of STE.S2TG; {@link #NONE} for the reserved value. */
  public static int granuleOfTg0(long tg0) {
    return switch ((int) tg0) {
      case 0 -> GRANULE_4K;
      case 1 -> GRANULE_64K;
      case 2 -> GRANULE_16K;
      default -> NONE;
    };
  }

  /** The granule of CD.TG1, which is coded otherwise; {@link #NONE} for the reserved value. */
  public static int granuleOfTg1(long tg1) {
    return switch ((int) tg1) {
      case 1 -> GRANULE_16K;
      case 2 -> GRANULE_4K;
      case 3 -> GRANULE_64K;
      default -> NONE;
    };
  }

  /** CD.TG0 or STE.S2TG of a granule. */
  public static int tg0(int granuleLg2) {
    return granuleLg2 == GRANULE_4K ? 0 : granuleLg2 == GRANULE_64K ? 1 : 2;
  }

  /** CD.TG1 of a granule. */
  public static int tg1(int granuleLg2) {
    return granuleLg2 == GRANULE_4K ? 2 : granuleLg2 == GRANULE_64K ? 3 : 1;
  }

  /**
   * Start level that STE.S2SL0 names; {@link #NONE} if it names none.
   *
   * @param sl0 S2SL0
   * @param sl02 S2SL0_2, which counts with {@code ds} and 4K alone
   * @param ds S2DS
   * @param stt IDR3.STT: small tables
   */
  public static int stage2StartLevel(
      int granuleLg2, int sl0, boolean sl02, boolean ds, boolean stt) {
    if (granuleLg2 == GRANULE_4K) {
      if (ds && sl02) {
        return sl0 == 0 ? -1 : NONE;
      }
      return sl0 < 3 ? 2 - sl0 : stt ? LAST_LEVEL : NONE;
    }
    if (sl0 < 3) {
      return LAST_LEVEL - sl0;
    }
    return granuleLg2 == GRANULE_16K && ds ? 0 : NONE;
  }

  /** STE.S2SL0 of a start level of 0 to 3; for 4K and level -1 it is 0 with S2SL0_2=1. */
  public static int sl0(int granuleLg2, int startLevel) {
    if (granuleLg2 == GRANULE_4K) {
      return startLevel == LAST_LEVEL ? 3 : startLevel < 0 ? 0 : 2 - startLevel;
    }
    return LAST_LEVEL - startLevel;
  }

  /**
   * Whether a stage-2 start level resolves as many bits as it can: at least one, and at most those
   * of 16 concatenated tables.
   *
   * @param inputBits 64 - S2T0SZ
   */
  public static boolean isConsistent(int granuleLg2, int startLevel, int inputBits) {
    int resolved = inputBits - shift(granuleLg2, startLevel);
    return resolved >= 1 && resolved <= indexBits(granuleLg2) + 4;
  }

  /**
   * log2 of the bytes of the start table or of the concatenated ones.
   *
   * @param inputBits bits of the input address
   */
  public static int startTableLg2(int granuleLg2, int startLevel, int inputBits) {
    return inputBits - shift(granuleLg2, startLevel) + DESCRIPTOR_LG2;
  }

  /**
   * Where descriptors of a granule hold their address.
   *
   * @param ds DS or S2DS
   * @param output52 the unit has 52-bit output addresses
   */
  public static int addressForm(int granuleLg2, boolean ds, boolean output52) {
    if (granuleLg2 == GRANULE_64K) {
      return output52 ? ADDRESS_64K_52 : ADDRESS_48;
    }
    return ds ? ADDRESS_DS : ADDRESS_48;
  }

  /**
   * The address in a descriptor, bits 51:12; bits below the block or the granule are still in it.
   *
   * @param form {@link #addressForm}
   */
  public static long address(long descriptor, int form) {
    return switch (form) {
      case ADDRESS_48 -> descriptor & BITS_47_12;
      case ADDRESS_64K_52 -> (descriptor & BITS_47_16) | (descriptor & BITS_15_12) << FROM_15_12;
      default -> (descriptor & BITS_49_12) | (descriptor & BITS_9_8) << FROM_9_8;
    };
  }

  /**
   * The address bits of a descriptor for an output or table address: the reverse of {@link
   * #address}.
   *
   * @param address aligned to its size, below 2^48 or 2^52 as the form allows
   */
  public static long descriptorBits(long address, int form) {
    return switch (form) {
      case ADDRESS_48 -> address & BITS_47_12;
      case ADDRESS_64K_52 -> (address & BITS_47_16) | (address >>> FROM_15_12 & BITS_15_12);
      default -> (address & BITS_49_12) | (address >>> FROM_9_8 & BITS_9_8);
    };
  }

  /** log2 of the entries of a contiguous group at a level; 0 where the hint has no meaning. */
  public static int contiguousLg2(int granuleLg2, int level) {
    return switch (granuleLg2) {
      case GRANULE_4K -> level >= 1 ? 4 : 0;
      case GRANULE_16K -> level == 3 ? 7 : level == 2 ? 5 : 0;
      default -> level >= 2 ? 5 : 0;
    };
  }
}
