package org.ioasis.vtd.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * Second-stage paging entry, 64 bits, of levels 5 (root of 5-level tables) to 1 (leaf table). VT-d,
 * "Second-Stage Paging Entries".
 *
 * <pre>
 *   63  62 61  52 51                    12 11   10  9  8  7    6    5  3  2  1  0
 *  +---+--+------+------------------------+----+---+--+--+---+------+-----+--+--+--+
 *  |ign|TM| ign  |  ADDR (4K) or table    |SNP |ign|D |A |PS | IPAT | EMT |X |W |R |
 *  +---+--+------+------------------------+----+---+--+--+---+------+-----+--+--+--+
 * </pre>
 *
 * <p>An entry is present if R or W is set (or X, where second-stage execute is enabled). Reserved
 * bits count only in present entries. TM is reserved since revision 3.2 of the specification, and
 * here.
 */
public final class SecondStageEntry {
  // spotless:off
  /** Read. */
  public static final Field R        = bit ("R",      0);
  /** Write. */
  public static final Field W        = bit ("W",      1);
  /** Execute; ignored unless second-stage execute is enabled. */
  public static final Field X        = bit ("X",      2);
  /** Memory type of a leaf; ignored without ECAP.MTS. */
  public static final Field EMT      = bits("EMT",    5,  3);
  /** Ignore PAT, of a leaf; ignored without ECAP.MTS. */
  public static final Field IPAT     = bit ("IPAT",   6);
  /** Page size: this entry of level 2 or 3 is a leaf. */
  public static final Field PS       = bit ("PS",     7);
  /** Accessed, if second-stage accessed and dirty is enabled. */
  public static final Field A        = bit ("A",      8);
  /** Dirty, of a leaf. */
  public static final Field D        = bit ("D",      9);
  /** Snoop, of a leaf; reserved without ECAP.SC. */
  public static final Field SNP      = bit ("SNP",   11);
  /** Next table. */
  public static final Field TABLE    = bits("SSPTP", 51, 12);
  /** 4 KiB page. */
  public static final Field ADDR_4K  = bits("ADDR",  51, 12);
  /** 2 MiB page. */
  public static final Field ADDR_2M  = bits("ADDR",  51, 21);
  /** 1 GiB page. */
  public static final Field ADDR_1G  = bits("ADDR",  51, 30);

  private static final Field IGN_6_3   = bits("IGN_6_3",    6,  3);
  private static final Field IGN_7     = bit ("IGN_7",      7);
  private static final Field IGN_10    = bit ("IGN_10",    10);
  private static final Field IGN_10_9  = bits("IGN_10_9",  10,  9);
  private static final Field IGN_61_52 = bits("IGN_61_52", 61, 52);
  private static final Field IGN_63    = bit ("IGN_63",    63);
  // spotless:on

  /** Entry of level 4 or 5; page size is reserved there. */
  public static final Layout TOP =
      Layout.of("SS-PML4E", 64, R, W, X, IGN_6_3, A, IGN_10_9, TABLE, IGN_61_52, IGN_63)
          .inPlace(TABLE);

  /** Entry of level 2 or 3 that leads to a table. */
  public static final Layout DIRECTORY =
      Layout.of("SS-PDE", 64, R, W, X, IGN_6_3, PS, A, IGN_10_9, TABLE, IGN_61_52, IGN_63)
          .inPlace(TABLE);

  /** Leaf of level 1: 4 KiB. */
  public static final Layout LEAF_4K =
      Layout.of(
              "SS-PTE", 64, R, W, X, EMT, IPAT, IGN_7, A, D, IGN_10, SNP, ADDR_4K, IGN_61_52,
              IGN_63)
          .inPlace(ADDR_4K);

  /** Leaf of level 2: 2 MiB. */
  public static final Layout LEAF_2M =
      Layout.of(
              "SS-PDE-2M",
              64,
              R,
              W,
              X,
              EMT,
              IPAT,
              PS,
              A,
              D,
              IGN_10,
              SNP,
              ADDR_2M,
              IGN_61_52,
              IGN_63)
          .inPlace(ADDR_2M);

  /** Leaf of level 3: 1 GiB. */
  public static final Layout LEAF_1G =
      Layout.of(
              "SS-PDPE-1G",
              64,
              R,
              W,
              X,
              EMT,
              IPAT,
              PS,
              A,
              D,
              IGN_10,
              SNP,
              ADDR_1G,
              IGN_61_52,
              IGN_63)
          .inPlace(ADDR_1G);

  private SecondStageEntry() {}

  /** The layout of an entry at a level, by its page-size bit. */
  public static Layout layout(int level, boolean pageSize) {
    if (level > 3) {
      return TOP;
    }
    if (level == 1) {
      return LEAF_4K;
    }
    if (!pageSize) {
      return DIRECTORY;
    }
    return level == 2 ? LEAF_2M : LEAF_1G;
  }

  /** The specification's name of an entry at a level. */
  public static String name(int level) {
    return switch (level) {
      case 5 -> "SS-PML5E";
      case 4 -> "SS-PML4E";
      case 3 -> "SS-PDPE";
      case 2 -> "SS-PDE";
      default -> "SS-PTE";
    };
  }

  /**
   * The bits that must be 0 in a present entry.
   *
   * @param level 1 to 5
   * @param pageSize the entry's page-size bit, of levels 2 and 3
   * @param hostWidth host address width in bits, up to 52
   * @param snoopControl ECAP.SC
   * @param pageSizes CAP.SSLPS: bit 0 2 MiB, bit 1 1 GiB
   */
  public static long reserved(
      int level, boolean pageSize, int hostWidth, boolean snoopControl, int pageSizes) {
    Layout layout = layout(level, pageSize);
    long mask = layout.reserved(0) | AddressBits.beyond(hostWidth);
    boolean leaf = level == 1 || (level < 4 && pageSize);
    if (leaf && !snoopControl) {
      mask |= SNP.mask();
    }
    if (leaf && level > 1 && (pageSizes & 1 << (level - 2)) == 0) {
      mask |= PS.mask();
    }
    return mask;
  }
}
