package org.ioasis.allocator.core;

import java.util.Arrays;

/**
 * Which numbers are free: one bit each, and above each word of 64 a bit that says whether it has
 * any. The lowest free number of a range is found in at most two visits per level, so the cost does
 * not grow with what is out. Words come to be by 64 when a number of theirs is first free.
 *
 * <p><b>Threading:</b> under the allocator's lock.
 */
final class FreeNumbers {
  private static final int LEVELS = 4; // 64^4 covers 20 bits

  private static final long[] NONE = new long[64];

  private final long[][][] levels = new long[LEVELS][][];
  private long probes;

  /** All numbers of 20 bits, none free. */
  FreeNumbers() {
    int pages = 1 << 8;
    for (int level = 0; level < LEVELS; level++) {
      levels[level] = new long[pages][];
      Arrays.fill(levels[level], NONE);
      pages = Math.max(1, pages >>> 6);
    }
  }

  private long word(int level, int index) {
    return levels[level][index >>> 6][index & 63];
  }

  private long[] page(int level, int word) {
    long[][] pages = levels[level];
    if (pages[word >>> 6] == NONE) {
      pages[word >>> 6] = new long[64];
    }
    return pages[word >>> 6];
  }

  /** Makes a range free; it was not. */
  void open(int from, int end) {
    for (int id = from; id < end; ) {
      if ((id & 63) == 0 && end - id >= 64) {
        page(0, id >>> 6)[id >>> 6 & 63] = -1L;
        raise(1, id >>> 6);
        id += 64;
      } else {
        release(id++);
      }
    }
  }

  /** Takes a range of free numbers away, as when the capacity shrinks. */
  void shut(int from, int end) {
    for (int id = from; id < end; ) {
      if ((id & 63) == 0 && end - id >= 64) {
        page(0, id >>> 6)[id >>> 6 & 63] = 0;
        lower(1, id >>> 6);
        id += 64;
      } else {
        take(id++);
      }
    }
  }

  boolean isFree(int id) {
    return (word(0, id >>> 6) >>> id & 1) != 0;
  }

  void release(int id) {
    raise(0, id);
  }

  private void raise(int from, int at) {
    int index = at;
    for (int level = from; level < LEVELS; level++) {
      page(level, index >>> 6)[index >>> 6 & 63] |= 1L << index;
      index >>>= 6;
    }
  }

  void take(int id) {
    lower(0, id);
  }

  private void lower(int from, int at) {
    int index = at;
    for (int level = from; level < LEVELS; level++) {
      long left = page(level, index >>> 6)[index >>> 6 & 63] &= ~(1L << index);
      if (left != 0) {
        return;
      }
      index >>>= 6;
    }
  }

  /** The lowest free number of {@code min} to {@code max}, inclusive; -1 if there is none. */
  int lowest(int min, int max) {
    int index = min;
    int level = 0;
    while (level < LEVELS) {
      int word = index >>> 6;
      probes++;
      boolean inside = word >>> 6 < levels[level].length;
      long bits = inside ? word(level, word) & -1L << index : 0;
      if (bits != 0) {
        int found = word << 6 | Long.numberOfTrailingZeros(bits);
        return descend(level, found, max);
      }
      index = word + 1; // nothing here: on to the next word, seen from above
      level++;
    }
    return -1;
  }

  private int descend(int level, int index, int max) {
    int found = index;
    for (int below = level - 1; below >= 0; below--) {
      probes++;
      found = found << 6 | Long.numberOfTrailingZeros(word(below, found));
    }
    return found <= max ? found : -1;
  }

  /** Words looked at by {@link #lowest} so far: what tests measure cost by. */
  long probes() {
    return probes;
  }

  @Override
  public String toString() {
    return "free numbers "
        + Arrays.stream(levels[0]).flatMapToLong(Arrays::stream).map(Long::bitCount).sum();
  }
}
