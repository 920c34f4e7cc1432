package org.ioasis.allocator.core;

import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The last events in the order of their sequence numbers: a ring, so that a listener that stands
 * still keeps nothing alive. Whoever reads too late finds that an event is gone.
 *
 * <p><b>Threading:</b> {@link #append} under the allocator's lock; {@link #last} after it releases
 * the ticket to readers, which take no lock.
 */
final class Journal {
  private final AtomicReferenceArray<Ticket> ring;
  private final int mask;
  private volatile long last;

  /**
   * An empty journal.
   *
   * @param events how many are kept, rounded up to a power of two
   */
  Journal(int events) {
    int size = Integer.highestOneBit(Math.max(2, events) - 1) << 1;
    ring = new AtomicReferenceArray<>(size);
    mask = size - 1;
  }

  /** Number of the last event; 0 before the first. */
  long last() {
    return last;
  }

  /** Goes on with a predecessor's numbers; under the lock, before the first event. */
  void continueFrom(long number) {
    last = number;
  }

  /** Gives an event its number; under the lock, allocates nothing. */
  void append(Ticket ticket) {
    long number = last + 1;
    ticket.sequence = number;
    ring.setRelease((int) number & mask, ticket);
    last = number;
  }

  /** An event that has been appended, or null if newer ones have taken its place. */
  Ticket at(long number) {
    Ticket found = ring.getAcquire((int) number & mask);
    return found != null && found.sequence == number ? found : null;
  }
}
