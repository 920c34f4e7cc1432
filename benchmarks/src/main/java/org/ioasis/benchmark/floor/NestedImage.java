package org.ioasis.benchmark.floor;

import static org.ioasis.benchmark.rig.Footprint.TABLE_WORDS;

import org.ioasis.benchmark.rig.Footprint;
import org.ioasis.benchmark.rig.Rig;

/**
 * The tables of a {@link Footprint} that a guest keeps, and the host's tables below them, in one
 * bare array. An entry of the guest is a guest address; an entry of an upper host table is the
 * index of the first word of the next one, one of a host's leaf table the index of a guest table's
 * first word, or an output's number. No bits to mask, nothing to check.
 */
final class NestedImage {
  private static final int INDEX_MASK = TABLE_WORDS - 1;
  private static final int OUTPUT_TABLES = (1 << Rig.OUTPUT_PAGES_LG2) / TABLE_WORDS;

  final long[] words;

  /** First word of the host's root. */
  final int host;

  NestedImage(Footprint footprint) {
    int guestTables = footprint.allTables();
    int guestLeaves = (guestTables + TABLE_WORDS - 1) / TABLE_WORDS;
    host = guestTables * TABLE_WORDS;
    int level3 = host + TABLE_WORDS;
    int level2 = level3 + TABLE_WORDS;
    int leaves = level2 + TABLE_WORDS;
    words = new long[leaves + (guestLeaves + OUTPUT_TABLES) * TABLE_WORDS];
    fillGuest(footprint);
    words[host] = level3;
    words[level3] = level2;
    int firstTables = (int) (Rig.TABLES >>> 21);
    for (int i = 0; i < guestLeaves; i++) {
      words[level2 + firstTables + i] = leaves + (long) i * TABLE_WORDS;
    }
    int firstOutputs = (int) (Rig.OUTPUT >>> 21);
    int outputs = leaves + guestLeaves * TABLE_WORDS;
    for (int i = 0; i < OUTPUT_TABLES; i++) {
      words[level2 + firstOutputs + i] = outputs + (long) i * TABLE_WORDS;
    }
    for (int table = 0; table < guestTables; table++) {
      words[leaves + table] = (long) table * TABLE_WORDS;
    }
    for (int page = 0; page < OUTPUT_TABLES * TABLE_WORDS; page++) {
      words[outputs + page] = page;
    }
  }

  private static long address(Footprint footprint, int level, int index) {
    return Rig.TABLES + ((long) footprint.position(level, index) << 12);
  }

  private void fillGuest(Footprint footprint) {
    words[(int) (Footprint.IOVA_BASE >>> 39)] = address(footprint, 3, 0);
    for (int i = 0; i < footprint.tables(2); i++) {
      words[footprint.position(3, 0) * TABLE_WORDS + i] = address(footprint, 2, i);
    }
    for (int i = 0; i < footprint.leafTables(); i++) {
      words[footprint.position(2, 0) * TABLE_WORDS + i] = address(footprint, 1, i);
    }
    int firstLeaf = footprint.position(1, 0) * TABLE_WORDS;
    int outputMask = (1 << Rig.OUTPUT_PAGES_LG2) - 1;
    for (int page = 0; page < footprint.leafTables() * TABLE_WORDS; page++) {
      words[firstLeaf + page] = Rig.OUTPUT + ((long) (page & outputMask) << 12);
    }
  }

  /** The 24 loads of a walk of four levels over four, each on the address the one before gave. */
  static long walk(long[] words, int host, long iova) {
    long root = below(words, host, Rig.TABLES);
    long level3 = below(words, host, words[(int) root + ((int) (iova >>> 39) & INDEX_MASK)]);
    long level2 = below(words, host, words[(int) level3 + ((int) (iova >>> 30) & INDEX_MASK)]);
    long level1 = below(words, host, words[(int) level2 + ((int) (iova >>> 21) & INDEX_MASK)]);
    return below(words, host, words[(int) level1 + ((int) (iova >>> 12) & INDEX_MASK)]);
  }

  private static long below(long[] words, int host, long address) {
    int level3 = (int) words[host + ((int) (address >>> 39) & INDEX_MASK)];
    int level2 = (int) words[level3 + ((int) (address >>> 30) & INDEX_MASK)];
    int level1 = (int) words[level2 + ((int) (address >>> 21) & INDEX_MASK)];
    return words[level1 + ((int) (address >>> 12) & INDEX_MASK)];
  }
}
