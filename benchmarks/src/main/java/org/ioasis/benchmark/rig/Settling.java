package org.ioasis.benchmark.rig;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.concurrent.TimeUnit;

/**
 * Lets work run until the just-in-time compiler has come to rest. What all vendors and formats have
 * warmed is compiled anew for the one that is measured then. On a busy machine that takes seconds,
 * in which a translation costs many times what it costs afterwards.
 *
 * <p>The compiler rests when the process uses no processor time beside the thread that works. The
 * time spent on compilations, which the virtual machine reports, says nothing of one under way.
 */
public final class Settling {
  private static final long ROUND_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /** Others may use this share of a round, as a divisor, and still count as resting. */
  private static final int RESTING_SHARE = 20;

  /** So many rounds in a row in which nothing was compiled are a rest. */
  private static final int QUIET_ROUNDS = 5;

  /** A compiler that does not rest in so many rounds is left at it. */
  private static final int MOST_ROUNDS = 200;

  private Settling() {}

  /**
   * Repeats work.
   *
   * @param work what is to be compiled, some microseconds of it
   */
  public static void settle(Runnable work) {
    int quiet = 0;
    for (int round = 0; round < MOST_ROUNDS && quiet < QUIET_ROUNDS; round++) {
      long before = othersNanos();
      long start = System.nanoTime();
      do {
        work.run();
      } while (System.nanoTime() - start < ROUND_NANOS);
      quiet = othersNanos() - before < ROUND_NANOS / RESTING_SHARE ? quiet + 1 : 0;
    }
  }

  /** Processor time of all threads but this one. */
  private static long othersNanos() {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    OperatingSystemMXBean process =
        ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    return process.getProcessCpuTime() - threads.getCurrentThreadCpuTime();
  }
}
