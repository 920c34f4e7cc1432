package org.ioasis.allocator.core;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.ioasis.api.ioasid.IoasidListener;

/**
 * A listener and how far it has been told.
 *
 * <p><b>Threading:</b> {@code cursor}, {@code replay} and {@code blocked} belong to the drain under
 * way, of which {@code draining} admits one; {@code immediate} changes under the allocator's lock.
 */
final class Registration {
  final Listeners owner;
  final IoasidListener listener;
  final ListenerOptions options;
  final IoasidListener.Order order;

  /** The class as a number: earlier ones are lower. */
  final int stage;

  final AtomicBoolean draining = new AtomicBoolean();

  /** The last event of the journal that it has been told or does not hear. */
  volatile long cursor;

  /** The present ids that it has still to be told, or null. */
  volatile Replay replay;

  /** A FREE whose turn has not come, when the queue was last looked at. */
  volatile Ticket blocked;

  volatile boolean gone;
  volatile boolean immediate;
  volatile boolean slow;
  volatile boolean demoted;
  volatile Throwable failure;
  private final AtomicInteger running = new AtomicInteger();
  private final ThreadLocal<Integer> depth = ThreadLocal.withInitial(() -> 0);

  @SuppressWarnings("EnumOrdinal") // the API's order of the classes is their order
  Registration(Listeners owner, IoasidListener listener, ListenerOptions options) {
    this.owner = owner;
    this.listener = listener;
    this.options = options;
    this.order = options.order();
    this.stage = order.ordinal();
  }

  boolean hears(Ticket ticket) {
    return options.hears(ticket.sid, ticket.token);
  }

  /** Whether it is to be told in the first phase once it has caught up. */
  boolean wantsImmediate() {
    return options.delivery() == IoasidListener.Delivery.IMMEDIATE && !demoted;
  }

  /** Calls the listener; nothing it does comes back. */
  void call(Ticket ticket) {
    Settlement settlement = ticket.settlement;
    Settlement.Await await = settlement == null ? null : settlement.of(this);
    guarded(() -> listener.event(ticket.event(), await == null ? Registration::nothing : await));
  }

  private static void nothing() {
    // an acknowledgement that nobody waits for
  }

  /** Tells that the queue ran over. */
  void callLost(long events) {
    guarded(() -> listener.lost(events));
  }

  private void guarded(Runnable call) {
    running.incrementAndGet();
    depth.set(depth.get() + 1);
    try {
      if (!gone) {
        call.run();
      }
    } catch (Throwable thrown) { // whatever a listener throws harms nobody else
      failure = thrown;
      owner.failed();
    } finally {
      depth.set(depth.get() - 1);
      running.decrementAndGet();
    }
  }

  /** Whether no other thread is inside the listener. */
  boolean isQuiet() {
    return running.get() <= depth.get();
  }
}
