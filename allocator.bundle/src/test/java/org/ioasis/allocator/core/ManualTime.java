package org.ioasis.allocator.core;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.ioasis.api.machine.TimeSource;

/** Time that a test moves. A wait lets real threads run for up to two seconds, or as told. */
final class ManualTime implements TimeSource {
  private record Due(long at, Runnable action) {}

  private final List<Due> due = new ArrayList<>();
  private long now;

  /** Longest wait in real milliseconds. */
  volatile int patienceMillis = 2000;

  @Override
  public synchronized long nanoTime() {
    return now;
  }

  @Override
  public synchronized Timer schedule(long delayNanos, Runnable action) {
    Due one = new Due(now + delayNanos, action);
    due.add(one);
    return () -> remove(one);
  }

  private synchronized boolean remove(Due one) {
    return due.remove(one);
  }

  void advance(long nanos) {
    List<Due> now = new ArrayList<>();
    synchronized (this) {
      this.now += nanos;
      due.stream()
          .filter(d -> d.at <= this.now)
          .sorted(Comparator.comparingLong(Due::at))
          .forEach(now::add);
      due.removeAll(now);
    }
    now.forEach(d -> d.action.run());
  }

  @Override
  public boolean await(BooleanSupplier condition, long timeoutNanos) {
    for (int i = 0; i < patienceMillis && !condition.getAsBoolean(); i++) {
      LockSupport.parkNanos(1_000_000);
    }
    return condition.getAsBoolean();
  }
}
