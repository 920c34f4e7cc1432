package org.ioasis.testing;

import java.util.function.BooleanSupplier;

/**
 * Waits of one thread of a test for another: bounded, since a correct program may never fulfil
 * them, and giving the processor away, since there may be only one.
 *
 * <p><b>Threading:</b> any thread.
 */
public final class Dawdle {
  /**
   * Long enough for another thread to get its turn, in nanoseconds; on a busy machine it is late.
   */
  public static final long PATIENCE_NANOS = 500_000_000;

  private Dawdle() {}

  /**
   * Returns when a condition holds, or when the time has passed.
   *
   * @param condition asked again and again
   * @param nanos at most
   */
  @SuppressWarnings("ThreadPriorityCheck") // for speed alone
  public static void until(BooleanSupplier condition, long nanos) {
    long end = System.nanoTime() + nanos;
    while (!condition.getAsBoolean() && System.nanoTime() < end) {
      Thread.yield();
    }
  }
}
