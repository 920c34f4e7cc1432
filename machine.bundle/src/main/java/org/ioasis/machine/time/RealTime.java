package org.ioasis.machine.time;

import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.ioasis.api.machine.TimeSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The clock of the host. The one place of the platform that reads it.
 *
 * <p><b>Threading:</b> any thread. Actions run one at a time on a daemon thread that starts with
 * the first of them.
 */
public final class RealTime implements TimeSource, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RealTime.class);
  private static final int SPINS = 100;
  private static final long LEAST_PARK_NANOS = 20_000; // hosts make some 70,000 of less, too
  private static final long MOST_PARK_NANOS = 500_000;

  private final long origin = System.nanoTime();
  private final Idler idler;
  private final ScheduledThreadPoolExecutor executor;

  /**
   * Makes a clock that begins at 0.
   *
   * @param machine names the thread
   */
  public RealTime(String machine, Idler idler) {
    this.idler = idler;
    executor =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, machine + ".time");
              thread.setDaemon(true);
              return thread;
            },
            (task, ignored) -> {});
    executor.setRemoveOnCancelPolicy(true);
    executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  @Override
  public long nanoTime() {
    return System.nanoTime() - origin;
  }

  @Override
  public Timer schedule(long delayNanos, Runnable action) {
    OneShot shot = new OneShot(action);
    shot.future = executor.schedule(() -> run(shot), delayNanos, TimeUnit.NANOSECONDS);
    return shot;
  }

  private static void run(OneShot shot) {
    try {
      shot.run();
    } catch (RuntimeException e) {
      LOG.error("a timer's action threw; the clock goes on", e);
    }
  }

  @Override
  public boolean await(BooleanSupplier condition, long timeoutNanos) {
    return condition.getAsBoolean() || await(condition, timeoutNanos, SPINS, LEAST_PARK_NANOS);
  }

  @Override
  public void pause(long nanos) {
    await(() -> false, nanos, 0, MOST_PARK_NANOS);
  }

  private boolean await(BooleanSupplier condition, long timeoutNanos, int spins, long firstPark) {
    idler.checkMayWait();
    long start = System.nanoTime();
    long park = firstPark;
    for (int tries = 0; ; tries++) {
      boolean moved = idler.progress();
      if (condition.getAsBoolean()) {
        return true;
      }
      long left = timeoutNanos - (System.nanoTime() - start);
      if (left <= 0) {
        return false;
      }
      if (moved) {
        continue;
      }
      if (tries < spins) {
        Thread.onSpinWait();
      } else {
        LockSupport.parkNanos(this, Math.min(park, left));
        park = Math.min(park * 2, MOST_PARK_NANOS);
      }
    }
  }

  @Override
  public void close() {
    executor.shutdown();
  }
}
