package org.ioasis.iopf.core;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * How often what happened.
 *
 * <p><b>Threading:</b> any thread.
 */
final class Counters {
  private final LongAdder[] counts = new LongAdder[Counter.values().length];

  Counters() {
    for (int i = 0; i < counts.length; i++) {
      counts[i] = new LongAdder();
    }
  }

  void count(Counter what) {
    counts[what.ordinal()].increment();
  }

  void add(Counter what, long number) {
    counts[what.ordinal()].add(number);
  }

  long of(Counter what) {
    return counts[what.ordinal()].sum();
  }

  Map<String, Long> snapshot() {
    Map<String, Long> all = new TreeMap<>();
    for (Counter what : Counter.values()) {
      all.put(what.text(), of(what));
    }
    return all;
  }
}
