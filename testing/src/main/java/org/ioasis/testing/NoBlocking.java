package org.ioasis.testing;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Holds code to its promise not to block: it is run in a thread of its own, which the virtual
 * machine must not have seen wait, park, sleep, or queue for a monitor, and which must end in time.
 * What a test wants to see not waited for, it holds up meanwhile.
 */
public final class NoBlocking {
  private NoBlocking() {}

  /**
   * Runs an action twice, once to load classes, and judges the second run.
   *
   * @param limit for each run
   * @param action must be able to run twice
   * @throws AssertionError if it blocked, did not end in time, or threw, with the stack
   */
  public static void check(Duration limit, Runnable action) {
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    long[] waits = new long[1];
    Thread thread =
        new Thread(
            () -> {
              try {
                action.run();
                waits(); // what counts loads classes, too, some of them after it has counted
                long before = waits();
                action.run();
                waits[0] = waits() - before;
              } catch (Throwable t) { // handed to the caller below
                thrown.set(t);
              }
            },
            "no-blocking");
    thread.setDaemon(true);
    thread.start();
    join(thread, limit.multipliedBy(2));
    if (thrown.get() != null) {
      throw new AssertionError("threw " + thrown.get(), thrown.get());
    }
    if (waits[0] != 0) {
      throw new AssertionError("blocked or waited " + waits[0] + " times");
    }
  }

  private static long waits() {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    ThreadInfo me = threads.getThreadInfo(Thread.currentThread().getId());
    return me.getBlockedCount() + me.getWaitedCount();
  }

  private static void join(Thread thread, Duration limit) {
    try {
      thread.join(limit.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (thread.isAlive()) {
      StackTraceElement[] stack = thread.getStackTrace();
      throw new AssertionError("still running after " + limit + ": " + Arrays.toString(stack));
    }
  }
}
