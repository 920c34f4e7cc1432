package org.ioasis.iopf.core;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.ioasis.api.machine.TimeSource;

/** A clock for explorations: no lock, and a wait is a point that lets others go on. */
final class PointTime implements TimeSource {
  private record Due(long at, Runnable action) {}

  private final List<Due> due = new ArrayList<>();
  private volatile long now;

  @Override
  public long nanoTime() {
    return now;
  }

  @Override
  public Timer schedule(long delayNanos, Runnable action) {
    Due one = new Due(now + delayNanos, action);
    due.add(one);
    return () -> due.remove(one);
  }

  @Override
  public boolean await(BooleanSupplier condition, long timeoutNanos) {
    if (!condition.getAsBoolean()) {
      Interleaver.pointUntil(condition);
    }
    return condition.getAsBoolean();
  }

  void advance(long nanos) {
    long target = now + nanos;
    while (true) {
      Due first = due.stream().min(Comparator.comparingLong(Due::at)).orElse(null);
      if (first == null || first.at() > target) {
        now = target;
        return;
      }
      due.remove(first);
      now = Math.max(now, first.at());
      first.action().run();
    }
  }
}
