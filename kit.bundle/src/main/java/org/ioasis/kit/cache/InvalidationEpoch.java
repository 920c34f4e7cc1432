package org.ioasis.kit.cache;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts the invalidations of one unit. See the package for the protocol.
 *
 * <p><b>Threading:</b> any thread. The read in a cache's fill and the write in {@link #raise} are
 * sequentially consistent with the versions of the sets; that is what the protocol rests on.
 */
public final class InvalidationEpoch {
  /** Instead of an epoch: the caller must not fill. */
  public static final long NO_FILL = -1;

  private final AtomicLong value = new AtomicLong();

  /** The epoch now, never negative. Read before the first read of tables or configuration. */
  public long current() {
    return value.get();
  }

  /** Starts a new epoch: the first act of every invalidation. */
  public void raise() {
    value.incrementAndGet();
  }
}
