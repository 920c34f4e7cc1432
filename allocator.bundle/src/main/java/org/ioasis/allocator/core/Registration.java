package org.ioasis.allocator.core;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.ioasis.api.ioasid.IoasidListener;

/**
 * A listener and its place in the journal.
 *
 * <p><b>Threading:</b> {@code cursor} and {@code replay} belong to the drain under way, of which
 * {@code draining} admits one; {@code immediate} is the allocator's lock's.
 */
final class Registration {
  private static final Runnable NOTHING = () -> {};

  final Listeners owner;
  final IoasidListener listener;
  final ListenerOptions options;
  final IoasidListener.Order order;
  final Deque<Ticket> replay = new ArrayDeque<>();
  final AtomicBoolean draining = new AtomicBoolean();
  final AtomicInteger running = new AtomicInteger();
  final ThreadLocal<Integer> depth = ThreadLocal.withInitial(() -> 0);
  volatile Ticket cursor;
  volatile boolean gone;
  volatile boolean immediate;
  volatile boolean demoted;
  volatile Throwable failure;

  Registration(Listeners owner, IoasidListener listener, ListenerOptions options) {
    this.owner = owner;
    this.listener = listener;
    this.options = options;
    this.order = options.order();
  }

  boolean hears(Ticket ticket) {
    return options.hears(ticket.sid, ticket.token);
  }

  /** Calls the listener; nothing it does comes back. Whether it was called and returned. */
  boolean call(Ticket ticket) {
    running.incrementAndGet();
    depth.set(depth.get() + 1);
    try {
      if (gone) {
        return false;
      }
      Settlement settlement = ticket.settlement;
      Settlement.Await await = settlement == null ? null : settlement.of(this);
      listener.event(ticket.event(), await == null ? NOTHING : await);
      return true;
    } catch (Throwable thrown) { // whatever a listener throws harms nobody else
      failure = thrown;
      owner.failed(this);
      return false;
    } finally {
      depth.set(depth.get() - 1);
      running.decrementAndGet();
    }
  }

  /** Whether no other thread is inside the listener. */
  boolean isQuiet() {
    return running.get() <= depth.get();
  }

  /** What the second phase would tell next, or null; does not look at what it waits for. */
  Ticket head() {
    Ticket first = replay.peekFirst();
    Ticket at = cursor; // null once told at once: the journal must not be kept
    return first != null ? first : at == null ? null : at.next;
  }

  void passed(Ticket ticket) {
    if (replay.peekFirst() == ticket) {
      replay.removeFirst();
    } else {
      cursor = ticket;
    }
  }
}
