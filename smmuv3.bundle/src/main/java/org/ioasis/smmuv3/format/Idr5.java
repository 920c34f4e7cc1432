package org.ioasis.smmuv3.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * SMMU_IDR5: address sizes and granules. "SMMU_IDR5".
 *
 * <p><b>Threading:</b> constants and pure functions.
 */
public final class Idr5 {
  // spotless:off
  public static final Field OAS       = bits("OAS",         2,   0);    // output address size, coded
  public static final Field GRAN4K    = bit ("GRAN4K",      4);
  public static final Field GRAN16K   = bit ("GRAN16K",     5);
  public static final Field GRAN64K   = bit ("GRAN64K",     6);
  public static final Field DS        = bit ("DS",          7);    // 52 bits with 4K and 16K
  public static final Field D128      = bit ("D128",        8);
  public static final Field VAX       = bits("VAX",        11,  10);    // virtual addresses: 48, 52, 56 bits
  public static final Field STALL_MAX = bits("STALL_MAX",  31,  16);    // stalls shown to software at a time

  /** The whole register. */
  public static final Layout LAYOUT =
      Layout.of(
          "SMMU_IDR5", 32,
          OAS, GRAN4K, GRAN16K, GRAN64K, DS, D128, VAX, STALL_MAX);
  // spotless:on

  private static final int[] SIZES = {32, 36, 40, 42, 44, 48, 52, 56};

  /** Bits of an address size in the coding of OAS, CD.IPS and STE.S2PS: 0 is 32, 6 is 52. */
  public static int sizeBits(long code) {
    return SIZES[(int) code & 7];
  }

  /** The largest code whose size does not exceed {@code bits}; 0 for less than 36. */
  public static int sizeCode(int bits) {
    int code = 0;
    while (code + 1 < SIZES.length && SIZES[code + 1] <= bits) {
      code++;
    }
    return code;
  }

  private Idr5() {}
}
