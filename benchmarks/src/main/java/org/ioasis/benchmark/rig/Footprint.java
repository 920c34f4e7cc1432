package org.ioasis.benchmark.rig;

/**
 * How much page table a walk touches: a 4-level table of 4 KiB pages over consecutive IOVAs, as
 * physical memory holds it and as the floors hold it in an array. All tables are 4 KiB and lie one
 * behind the other: root, level 3 (one), level 2, leaf tables.
 */
public enum Footprint {
  /** 64 leaf tables, 256 KiB: more than a first-level data cache, less than a second-level one. */
  L2(64),

  /** 32,768 leaf tables, 128 MiB: more than any cache of a small share of a machine. */
  DRAM(32_768);

  /** First IOVA that is mapped; its root index is 1. */
  public static final long IOVA_BASE = 1L << 39;

  /** 64-bit words of one table. */
  public static final int TABLE_WORDS = 512;

  private static final int TABLE_LG2 = 12;
  private final int leafTables;

  Footprint(int leafTables) {
    this.leafTables = leafTables;
  }

  /** Number of leaf tables, a power of two. */
  public int leafTables() {
    return leafTables;
  }

  /** log2 of the number of mapped pages. */
  public int pagesLg2() {
    return Integer.numberOfTrailingZeros(leafTables * TABLE_WORDS);
  }

  /** Number of tables of a level: 4 is the root, 1 the leaf tables. */
  public int tables(int level) {
    return switch (level) {
      case 1 -> leafTables;
      case 2 -> Math.max(1, leafTables / TABLE_WORDS);
      default -> 1;
    };
  }

  /** Place of a table among all tables: 0 is the root. */
  public int position(int level, int index) {
    return switch (level) {
      case 4 -> 0;
      case 3 -> 1;
      case 2 -> 2 + index;
      default -> 2 + tables(2) + index;
    };
  }

  /** Number of all tables. */
  public int allTables() {
    return 2 + tables(2) + leafTables;
  }

  /** Bytes of all tables. */
  public long bytes() {
    return (long) allTables() << TABLE_LG2;
  }

  /** The IOVA of a mapped page. */
  public static long iova(long page) {
    return IOVA_BASE + (page << TABLE_LG2);
  }
}
