package org.ioasis.allocator.core;

import java.util.function.IntPredicate;

/**
 * The ids of one set: chunks of 1024 bits, made on first use.
 *
 * <p><b>Threading:</b> changed under the allocator's lock.
 */
final class IdBits {
  private static final int WORDS = 16;
  private long[][] chunks = {};

  void add(int id) {
    int chunk = id >>> 10;
    if (chunk >= chunks.length) {
      chunks = java.util.Arrays.copyOf(chunks, Math.max(chunk + 1, chunks.length * 2));
    }
    if (chunks[chunk] == null) {
      chunks[chunk] = new long[WORDS];
    }
    chunks[chunk][id >>> 6 & WORDS - 1] |= 1L << id;
  }

  void remove(int id) {
    chunks[id >>> 10][id >>> 6 & WORDS - 1] &= ~(1L << id);
  }

  /** The lowest id of {@code from} or above; -1 if there is none. */
  int next(int from) {
    for (int chunk = from >>> 10; chunk < chunks.length; chunk++) {
      long[] words = chunks[chunk];
      int word = chunk == from >>> 10 ? from >>> 6 & WORDS - 1 : 0;
      for (; words != null && word < WORDS; word++) {
        boolean first = (chunk << 4 | word) == from >>> 6;
        long bits = words[word] & (first ? -1L << from : -1L);
        if (bits != 0) {
          return chunk << 10 | word << 6 | Long.numberOfTrailingZeros(bits);
        }
      }
    }
    return -1;
  }

  /** Visits all ids in order until a visit says no. */
  void forEach(IntPredicate visit) {
    for (int id = next(0); id >= 0 && visit.test(id); ) {
      id = next(id + 1);
    }
  }
}
