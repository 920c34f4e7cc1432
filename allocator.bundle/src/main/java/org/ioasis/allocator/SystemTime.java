package org.ioasis.allocator;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.ioasis.api.machine.TimeSource;

/**
 * Real time for acknowledgements. The platform's machine has a clock, but the machine is trust and
 * no plain service, and ids exist without one; so the allocator has a clock of its own. Tests give
 * the core a virtual one.
 *
 * <p><b>Threading:</b> any thread; actions run one at a time on a daemon thread that starts with
 * the first.
 */
final class SystemTime implements TimeSource, AutoCloseable {
  private static final long PAUSE_NANOS = 100_000;

  private final long start = System.nanoTime();
  private final ScheduledThreadPoolExecutor timers =
      (ScheduledThreadPoolExecutor)
          Executors.newScheduledThreadPool(
              1,
              action -> {
                Thread thread = new Thread(action, "ioasid-timer");
                thread.setDaemon(true);
                return thread;
              });

  SystemTime() {
    timers.setRemoveOnCancelPolicy(true);
  }

  @Override
  public long nanoTime() {
    return System.nanoTime() - start;
  }

  @Override
  public Timer schedule(long delayNanos, Runnable action) {
    ScheduledFuture<?> future =
        timers.schedule(action, Math.max(0, delayNanos), TimeUnit.NANOSECONDS);
    return () -> future.cancel(false);
  }

  @Override
  public boolean await(BooleanSupplier condition, long timeoutNanos) {
    long begin = System.nanoTime();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - begin >= timeoutNanos || Thread.currentThread().isInterrupted()) {
        return condition.getAsBoolean();
      }
      LockSupport.parkNanos(this, PAUSE_NANOS);
    }
    return true;
  }

  @Override
  public void close() {
    timers.shutdownNow();
  }
}
