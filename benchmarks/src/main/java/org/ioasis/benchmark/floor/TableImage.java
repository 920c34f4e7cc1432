package org.ioasis.benchmark.floor;

import static org.ioasis.benchmark.rig.Footprint.TABLE_WORDS;

import org.ioasis.benchmark.rig.Footprint;

/**
 * The tables of a {@link Footprint} in one bare array: an entry of an upper table is the index of
 * the first word of the next table, an entry of a leaf table is the page's number. No bits to mask,
 * nothing to check.
 */
final class TableImage {
  private static final int INDEX_MASK = TABLE_WORDS - 1;

  private TableImage() {}

  /** The tables of one footprint; word 0 is the first of the root. */
  static long[] of(Footprint footprint) {
    long[] words = new long[footprint.allTables() * TABLE_WORDS];
    words[(int) (Footprint.IOVA_BASE >>> 39)] = word(footprint, 3, 0);
    for (int i = 0; i < footprint.tables(2); i++) {
      words[word(footprint, 3, 0) + i] = word(footprint, 2, i);
    }
    int firstLevel2 = word(footprint, 2, 0);
    int firstLeaf = word(footprint, 1, 0);
    for (int i = 0; i < footprint.leafTables(); i++) {
      words[firstLevel2 + i] = firstLeaf + (long) i * TABLE_WORDS;
    }
    for (int page = 0; page < footprint.leafTables() * TABLE_WORDS; page++) {
      words[firstLeaf + page] = page;
    }
    return words;
  }

  private static int word(Footprint footprint, int level, int index) {
    return footprint.position(level, index) * TABLE_WORDS;
  }

  /** The four loads of a walk, each on the address the one before gave. */
  static long walk(long[] words, long iova) {
    int level3 = (int) words[(int) (iova >>> 39) & INDEX_MASK];
    int level2 = (int) words[level3 + ((int) (iova >>> 30) & INDEX_MASK)];
    int level1 = (int) words[level2 + ((int) (iova >>> 21) & INDEX_MASK)];
    return words[level1 + ((int) (iova >>> 12) & INDEX_MASK)];
  }
}
