package org.ioasis.iopf.core;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * How often what happened. A thread counts in a stripe that few others use: the drivers' threads
 * and those that deliver would take the cache lines of each other's counts otherwise.
 *
 * <p><b>Threading:</b> any thread.
 */
@SuppressWarnings("EnumOrdinal") // places in a table of this object alone
final class Counters {
  private static final int STRIPES = 16;
  private static final int LINE = 16; // longs of two cache lines, which come together
  private static final int WIDTH = (Counter.values().length / LINE + 1) * LINE;

  private final AtomicLongArray counts = new AtomicLongArray(LINE + STRIPES * WIDTH);

  void count(Counter what) {
    add(what, 1);
  }

  void add(Counter what, long number) {
    int stripe = (int) Thread.currentThread().getId() & (STRIPES - 1);
    counts.getAndAdd(at(stripe, what), number);
  }

  private static int at(int stripe, Counter what) {
    return LINE + stripe * WIDTH + what.ordinal();
  }

  long of(Counter what) {
    long sum = 0;
    for (int stripe = 0; stripe < STRIPES; stripe++) {
      sum += counts.get(at(stripe, what));
    }
    return sum;
  }

  Map<String, Long> snapshot() {
    Map<String, Long> all = new TreeMap<>();
    for (Counter what : Counter.values()) {
      all.put(what.text(), of(what));
    }
    return all;
  }
}
