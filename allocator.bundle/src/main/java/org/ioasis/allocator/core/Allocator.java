package org.ioasis.allocator.core;

import java.util.function.Supplier;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.ioasid.CustomAllocator;
import org.ioasis.api.ioasid.IoasidListener;
import org.ioasis.api.ioasid.SetState;

/**
 * The allocator: its parts and what they share. {@link Sets} has capacity and quotas, {@link
 * Allocations}, {@link Leases}, {@link Bindings} and {@link Endings} the life of an id, {@link
 * Listeners} who is told of it.
 *
 * <p><b>Threading:</b> any thread, listeners included. One short lock, in {@link Books}, guards the
 * state of all parts; no listener, chooser or executor runs under it.
 */
public final class Allocator {
  final Books books = new Books();
  final Surroundings around;
  final Listeners listeners;
  final CustomNumbers customs;
  final Sets sets;
  final Allocations allocations;
  final Leases leases;
  final Bindings bindings;
  final Endings endings;

  /**
   * An allocator with a system set.
   *
   * @param total capacity, 1 to 2^20
   * @param systemQuota quota of the system set
   */
  public Allocator(Surroundings around, int total, int systemQuota) {
    this(around);
    sets.install(total);
    sets.openSystem(systemQuota);
  }

  /** An allocator whose books are still to be filled in. */
  Allocator(Surroundings around) {
    this.around = around;
    this.listeners = new Listeners(books, around);
    this.customs = new CustomNumbers(books, around);
    this.sets = new Sets(this);
    this.allocations = new Allocations(this);
    this.leases = new Leases(this);
    this.bindings = new Bindings(this);
    this.endings = new Endings(this);
  }

  /** Runs under the lock. */
  <T> T locked(Supplier<T> action) {
    books.lock.lock();
    try {
      return action.get();
    } finally {
      books.lock.unlock();
    }
  }

  static void checkActive(SetCore set, String what) {
    if (set.state != SetState.ACTIVE) {
      throw new IoasisException(
          Reason.BUSY, "%s refused: %s is %s, not ACTIVE".formatted(what, set, set.state));
    }
  }

  /** The second phase's work: timers, drains, numbers on their way back. One call at a time. */
  public void pump() {
    listeners.deadlines.arm();
    listeners.queues.pump();
    customs.pump();
  }

  /** Enters a listener; the present ids are told first. */
  public Object addListener(IoasidListener listener, ListenerOptions options) {
    return listeners.add(listener, options);
  }

  /** Takes a listener out and waits, bounded, for its call under way. */
  public void removeListener(Object registration) {
    listeners.remove((Registration) registration);
  }

  /** The chooser of numbers from now on. */
  public void customAllocator(CustomAllocator custom) {
    customs.use(custom);
  }

  /** Falls back to the allocator's own choice if this was the chooser; whether it was. */
  public boolean dropCustomAllocator(CustomAllocator custom) {
    return customs.drop(custom);
  }
}
