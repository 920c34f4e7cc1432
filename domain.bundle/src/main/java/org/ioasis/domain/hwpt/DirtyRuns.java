package org.ioasis.domain.hwpt;

import java.util.Map;
import java.util.TreeMap;
import org.ioasis.api.IovaRange;
import org.ioasis.api.driver.DirtySink;

/**
 * Written runs that a table told before it went, until somebody reads them from its successor.
 *
 * <p><b>Threading:</b> all methods hold {@code this}, except while a sink is told.
 */
final class DirtyRuns {
  private final TreeMap<Long, Long> runs = new TreeMap<>(Long::compareUnsigned); // first to last

  /** Adds a run. */
  synchronized void add(long first, long length) {
    long from = first;
    long last = first + length - 1;
    Map.Entry<Long, Long> before = runs.floorEntry(from);
    if ((before != null && Long.compareUnsigned(before.getValue(), from - 1) >= 0 && from != 0)
        || (before != null && before.getKey() == from)) {
      from = before.getKey();
      last = max(last, before.getValue());
    }
    Map.Entry<Long, Long> next = runs.higherEntry(from);
    while (next != null && (last == -1L || Long.compareUnsigned(next.getKey(), last + 1) <= 0)) {
      last = max(last, next.getValue());
      runs.remove(next.getKey());
      next = runs.higherEntry(from);
    }
    runs.put(from, last);
  }

  private static long max(long a, long b) {
    return Long.compareUnsigned(a, b) > 0 ? a : b;
  }

  /** Forgets all. */
  synchronized void clear() {
    runs.clear();
  }

  /** Tells the runs of a range, clipped to it, and with {@code clear} forgets them. */
  void read(IovaRange range, boolean clear, DirtySink sink) {
    TreeMap<Long, Long> found = new TreeMap<>(Long::compareUnsigned);
    synchronized (this) {
      Map.Entry<Long, Long> run = runs.floorEntry(range.first());
      if (run == null || Long.compareUnsigned(run.getValue(), range.first()) < 0) {
        run = runs.higherEntry(range.first());
      }
      while (run != null && Long.compareUnsigned(run.getKey(), range.last()) <= 0) {
        long first = max(run.getKey(), range.first());
        long last =
            Long.compareUnsigned(run.getValue(), range.last()) > 0 ? range.last() : run.getValue();
        found.put(first, last);
        Map.Entry<Long, Long> next = runs.higherEntry(run.getKey());
        if (clear) {
          cut(run.getKey(), run.getValue(), first, last);
        }
        run = next;
      }
    }
    found.forEach((first, last) -> sink.dirty(first, last - first + 1));
  }

  private void cut(long runFirst, long runLast, long first, long last) {
    runs.remove(runFirst);
    if (runFirst != first) {
      runs.put(runFirst, first - 1);
    }
    if (runLast != last) {
      runs.put(last + 1, runLast);
    }
  }
}
