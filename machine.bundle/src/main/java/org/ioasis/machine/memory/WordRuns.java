package org.ioasis.machine.memory;

import java.util.Arrays;

/**
 * Loops over words of a chunk, between fences of the caller: table entries of drivers.
 *
 * <p><b>Threading:</b> pure functions over a shared array; plain accesses.
 */
final class WordRuns {
  private static final int RUN = 1 << 13; // entries of the largest table
  private static final long[] ZEROS = new long[RUN];

  private WordRuns() {}

  /**
   * Plain stores, so that the compiler may unroll them and make vectors. An aligned {@code long} of
   * an array is stored as a whole by every 64-bit virtual machine, also as part of a vector.
   */
  static void fill(long[] chunk, int from, int end, long first, long step) {
    if (step == 0) {
      Arrays.fill(chunk, from, end, first);
      return;
    }
    long value = first;
    for (int i = from; i < end; i++) {
      chunk[i] = value;
      value += step;
    }
  }

  /** Most runs that are looked at hold only zeros, and those are compared by vectors. */
  static int find(long[] chunk, int from, int end, long mask) {
    int at = from;
    if (end - from <= ZEROS.length) {
      int other = Arrays.mismatch(chunk, from, end, ZEROS, 0, end - from);
      at = other < 0 ? end : from + other;
    }
    while (at < end && (chunk[at] & mask) == 0) {
      at++;
    }
    return at;
  }

  /** Eight words at a time: if they have a bit in common, all of them count. */
  static int count(long[] chunk, int from, int end, long mask) {
    int found = 0;
    int at = from;
    for (; at + 8 <= end; at += 8) {
      long common =
          chunk[at]
              & chunk[at + 1]
              & chunk[at + 2]
              & chunk[at + 3]
              & chunk[at + 4]
              & chunk[at + 5]
              & chunk[at + 6]
              & chunk[at + 7];
      found += (common & mask) != 0 ? 8 : countSingly(chunk, at, at + 8, mask);
    }
    return found + countSingly(chunk, at, end, mask);
  }

  private static int countSingly(long[] chunk, int from, int end, long mask) {
    int found = 0;
    for (int i = from; i < end; i++) {
      found += (chunk[i] & mask) != 0 ? 1 : 0;
    }
    return found;
  }
}
