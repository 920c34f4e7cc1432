package org.ioasis.allocator.core;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.ioasis.api.machine.TimeSource;

/** Time that a test moves. A wait lets real threads run for up to two seconds, or as told. */
final class ManualTime implements TimeSource {
  private record Due(long at, Runnable action) {}

  private final List<Due> due = new ArrayList<>();
  private final AtomicLong now = new AtomicLong();

  /** Longest wait in real milliseconds. */
  volatile int patienceMillis = 2000;

  @Override
  public long nanoTime() { // what must not block may read it
    return now.get();
  }

  @Override
  public synchronized Timer schedule(long delayNanos, Runnable action) {
    Due one = new Due(now.get() + delayNanos, action);
    due.add(one);
    return () -> remove(one);
  }

  private synchronized boolean remove(Due one) {
    return due.remove(one);
  }

  void advance(long nanos) {
    List<Due> ripe = new ArrayList<>();
    synchronized (this) {
      long time = now.addAndGet(nanos);
      due.stream()
          .filter(d -> d.at <= time)
          .sorted(Comparator.comparingLong(Due::at))
          .forEach(ripe::add);
      due.removeAll(ripe);
    }
    ripe.forEach(d -> d.action.run());
  }

  @Override
  public boolean await(BooleanSupplier condition, long timeoutNanos) {
    for (int i = 0; i < patienceMillis && !condition.getAsBoolean(); i++) {
      LockSupport.parkNanos(1_000_000);
    }
    return condition.getAsBoolean();
  }
}
