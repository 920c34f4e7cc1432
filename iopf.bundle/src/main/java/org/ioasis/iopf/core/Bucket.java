package org.ioasis.iopf.core;

/**
 * A token bucket: so many at once, so many per second.
 *
 * <p><b>Threading:</b> guarded by its owner's lock.
 */
final class Bucket {
  private static final long SECOND = 1_000_000_000L;

  private final long costNanos;
  private final long mostNanos;
  private long creditNanos;
  private long filledAt;

  /**
   * @param rate tokens per second, 0 for no limit
   * @param burst tokens at once
   */
  Bucket(long rate, long burst) {
    costNanos = rate == 0 ? 0 : SECOND / rate;
    mostNanos = costNanos * burst;
    creditNanos = mostNanos;
  }

  /** Takes a token; false if there is none. */
  boolean take(long now) {
    if (costNanos == 0) {
      return true;
    }
    if (now - filledAt > 0) {
      creditNanos = Math.min(mostNanos, creditNanos + Math.min(mostNanos, now - filledAt));
      filledAt = now;
    }
    if (creditNanos < costNanos) {
      return false;
    }
    creditNanos -= costNanos;
    return true;
  }
}
