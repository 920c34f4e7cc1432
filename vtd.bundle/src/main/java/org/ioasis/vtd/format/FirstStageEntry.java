package org.ioasis.vtd.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * First-stage paging entry, 64 bits, of levels 5 to 1, in the format of x86-64 processors. VT-d,
 * "First-Stage Paging Entries".
 *
 * <pre>
 *   63  62  52 51                   12  11 10 9  8  7    6  5  4   3   2   1   0
 *  +---+------+------------------------+--+--+-+---+---+---+-+---+---+---+---+---+
 *  |XD | ign  |  ADDR (4K) or table    |ig|EA|ig G |PS | D |A|PCD|PWT|US |RW | P |
 *  +---+------+------------------------+--+--+-+---+---+---+-+---+---+---+---+---+
 * </pre>
 */
public final class FirstStageEntry {
  // spotless:off
  /** Present. */
  public static final Field P       = bit ("P",      0);
  /** Writable. */
  public static final Field RW      = bit ("R/W",    1);
  /** User. */
  public static final Field US      = bit ("U/S",    2);
  /** Page-level write-through; ignored without ECAP.MTS. */
  public static final Field PWT     = bit ("PWT",    3);
  /** Page-level cache disable; ignored without ECAP.MTS. */
  public static final Field PCD     = bit ("PCD",    4);
  /** Accessed; hardware sets it at every level it uses. */
  public static final Field A       = bit ("A",      5);
  /** Dirty, of a leaf; hardware sets it on a write. */
  public static final Field D       = bit ("D",      6);
  /** Page size: this entry of level 2 or 3 is a leaf. */
  public static final Field PS      = bit ("PS",     7);
  /** Global; ignored. */
  public static final Field G       = bit ("G",      8);
  /** Extended accessed, if EAFE. */
  public static final Field EA      = bit ("EA",    10);
  /** Next table. */
  public static final Field TABLE   = bits("FSPTP", 51, 12);
  /** 4 KiB page. */
  public static final Field ADDR_4K = bits("ADDR",  51, 12);
  /** 2 MiB page. */
  public static final Field ADDR_2M = bits("ADDR",  51, 21);
  /** 1 GiB page. */
  public static final Field ADDR_1G = bits("ADDR",  51, 30);
  /** Execute disable, if NXE; else ignored. */
  public static final Field XD      = bit ("XD",    63);

  private static final Field IGN_6     = bit ("IGN_6",      6);
  private static final Field PAT_7     = bit ("PAT",        7);
  private static final Field PAT_12    = bit ("PAT",       12);
  private static final Field IGN_9     = bit ("IGN_9",      9);
  private static final Field IGN_11    = bit ("IGN_11",    11);
  private static final Field IGN_62_52 = bits("IGN_62_52", 62, 52);
  // spotless:on

  /** Entry of level 4 or 5; page size is reserved there. */
  public static final Layout TOP =
      Layout.of(
              "FS-PML4E",
              64,
              P,
              RW,
              US,
              PWT,
              PCD,
              A,
              IGN_6,
              G,
              IGN_9,
              EA,
              IGN_11,
              TABLE,
              IGN_62_52,
              XD)
          .inPlace(TABLE);

  /** Entry of level 2 or 3 that leads to a table. */
  public static final Layout DIRECTORY =
      Layout.of(
              "FS-PDE", 64, P, RW, US, PWT, PCD, A, IGN_6, PS, G, IGN_9, EA, IGN_11, TABLE,
              IGN_62_52, XD)
          .inPlace(TABLE);

  /** Leaf of level 1: 4 KiB. */
  public static final Layout LEAF_4K =
      Layout.of(
              "FS-PTE", 64, P, RW, US, PWT, PCD, A, D, PAT_7, G, IGN_9, EA, IGN_11, ADDR_4K,
              IGN_62_52, XD)
          .inPlace(ADDR_4K);

  /** Leaf of level 2: 2 MiB. */
  public static final Layout LEAF_2M =
      Layout.of(
              "FS-PDE-2M",
              64,
              P,
              RW,
              US,
              PWT,
              PCD,
              A,
              D,
              PS,
              G,
              IGN_9,
              EA,
              IGN_11,
              PAT_12,
              ADDR_2M,
              IGN_62_52,
              XD)
          .inPlace(ADDR_2M);

  /** Leaf of level 3: 1 GiB. */
  public static final Layout LEAF_1G =
      Layout.of(
              "FS-PDPE-1G",
              64,
              P,
              RW,
              US,
              PWT,
              PCD,
              A,
              D,
              PS,
              G,
              IGN_9,
              EA,
              IGN_11,
              PAT_12,
              ADDR_1G,
              IGN_62_52,
              XD)
          .inPlace(ADDR_1G);

  private FirstStageEntry() {}

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
      case 5 -> "FS-PML5E";
      case 4 -> "FS-PML4E";
      case 3 -> "FS-PDPE";
      case 2 -> "FS-PDE";
      default -> "FS-PTE";
    };
  }

  /**
   * The bits that must be 0 in a present entry.
   *
   * @param level 1 to 5
   * @param pageSize the entry's page-size bit, of levels 2 and 3
   * @param hostWidth host address width in bits, up to 52
   * @param gigabytePages CAP.FS1GP
   */
  public static long reserved(int level, boolean pageSize, int hostWidth, boolean gigabytePages) {
    long mask = layout(level, pageSize).reserved(0) | AddressBits.beyond(hostWidth);
    return level == 3 && pageSize && !gigabytePages ? mask | PS.mask() : mask;
  }

  /**
   * Whether an address is canonical: all bits above the top one that the tables translate equal it.
   *
   * @param address the address
   * @param width 48 or 57
   */
  public static boolean isCanonical(long address, int width) {
    return address << (64 - width) >> (64 - width) == address;
  }
}
