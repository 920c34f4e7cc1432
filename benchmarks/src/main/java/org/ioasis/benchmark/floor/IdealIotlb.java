package org.ioasis.benchmark.floor;

/**
 * The ideal translation cache: 512 entries in sets of four, tag and data beside each other in one
 * bare array. No versions, no invalidation, one thread. A tag holds the page number in 63:12 and
 * the domain in 11:0; data hold the output page in 63:12, write in bit 1, read in bit 0. Tag 0 is
 * empty: domain 0 is not used.
 */
final class IdealIotlb {
  /** Entries. */
  static final int ENTRIES = 512;

  private static final int SETS = ENTRIES / 4;
  private static final int SET_WORDS = 8;
  private static final int SETS_LG2 = 7;

  private IdealIotlb() {}

  /** An empty cache. */
  static long[] empty() {
    return new long[SETS * SET_WORDS];
  }

  /** First word of the set of an IOVA. */
  static int set(long iova) {
    long page = iova >>> 12;
    return ((int) (page ^ page >>> SETS_LG2) & SETS - 1) * SET_WORDS;
  }

  /** The tag of a page in a domain. */
  static long tag(long iova, int domain) {
    return (iova & -4096L) | domain;
  }

  /** The data of a tag, 0 if it is not there. */
  static long probe(long[] cache, int set, long tag) {
    if (cache[set] == tag) {
      return cache[set + 1];
    }
    if (cache[set + 2] == tag) {
      return cache[set + 3];
    }
    if (cache[set + 4] == tag) {
      return cache[set + 5];
    }
    return cache[set + 6] == tag ? cache[set + 7] : 0;
  }

  /** Puts an entry into way {@code way & 3}. */
  static void fill(long[] cache, int set, int way, long tag, long data) {
    int word = set + (way & 3) * 2;
    cache[word] = tag;
    cache[word + 1] = data;
  }
}
