package org.ioasis.iopf.core;

import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The cookies of a queue: the first free number from 1, as the kernel gives them. A number whose
 * group ended behind its reader's back is not given again before the reader has tried to answer it,
 * so that a late answer never meets another group; at most {@value #MOST_RETIRED} numbers are kept
 * for readers that never do.
 *
 * <p><b>Threading:</b> guarded by the queue's lock.
 */
final class Cookies {
  static final int MOST_RETIRED = 4096;

  private final BitSet taken = new BitSet();
  private final Set<Integer> retired = new LinkedHashSet<>();
  private int highest;

  Cookies() {
    taken.set(0);
  }

  /** The first free one. */
  int next() {
    int cookie = taken.nextClearBit(1);
    taken.set(cookie);
    highest = Math.max(highest, cookie);
    return cookie;
  }

  /** Nobody knows the number any more. */
  void free(int cookie) {
    taken.clear(cookie);
  }

  /** Its reader may still answer. */
  void retire(int cookie) {
    retired.add(cookie);
    if (retired.size() > MOST_RETIRED) {
      int oldest = retired.iterator().next();
      retired.remove(oldest);
      taken.clear(oldest);
    }
  }

  /** A late answer came: the number is free now. */
  void answered(int cookie) {
    if (retired.remove(cookie)) {
      taken.clear(cookie);
    }
  }

  /** Whether the number was ever given. */
  boolean wasGiven(int cookie) {
    return cookie >= 1 && cookie <= highest;
  }
}
