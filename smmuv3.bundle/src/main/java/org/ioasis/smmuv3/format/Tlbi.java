package org.ioasis.smmuv3.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * The TLB invalidations. "TLB invalidation", "Range-based invalidation and level hint".
 *
 * <p>NUM, SCALE, TTL and TG exist with IDR3.RIL.
 *
 * <p><b>Threading:</b> constants and pure functions.
 */
public final class Tlbi {
  // spotless:off
  public static final Field OPCODE = bits("Opcode",   7,   0);
  public static final Field SSEC   = bit ("SSec",    10);    // must be 0
  public static final Field NUM    = bits("NUM",     16,  12);    // range count less 1
  public static final Field SCALE  = bits("SCALE",   25,  20);
  public static final Field VMID   = bits("VMID",    47,  32);
  public static final Field ASID   = bits("ASID",    63,  48);
  public static final Field LEAF   = bit ("Leaf",    64);    // walk caches may stay
  public static final Field TTL128 = bit ("TTL128",  71);
  public static final Field TTL    = bits("TTL",     73,  72);    // level of the leaf; 0: any
  public static final Field TG     = bits("TG",      75,  74);    // granule; 0: one address
  public static final Field ADDR   = bits("Addr",   127,  76);

  /** The whole command. */
  public static final Layout LAYOUT =
      Layout.of(
          "CMD_TLBI", 128,
          OPCODE, SSEC, NUM, SCALE, VMID, ASID, LEAF, TTL128, TTL, TG, ADDR)
          .inPlace(ADDR);
  // spotless:on

  /** TG: no range; 4K, 16K, 64K. */
  public static final int TG_NONE = 0, TG_4K = 1, TG_16K = 2, TG_64K = 3;

  /** Largest SCALE that means anything. */
  public static final int SCALE_MAX = 39;

  /** log2 of the granule that a TG of 1 to 3 names. */
  public static int granuleLg2(int tg) {
    return 10 + 2 * tg;
  }

  /** The TG that names a granule of 12, 14 or 16. */
  public static int tg(int granuleLg2) {
    return (granuleLg2 - 10) / 2;
  }

  private Tlbi() {}
}
