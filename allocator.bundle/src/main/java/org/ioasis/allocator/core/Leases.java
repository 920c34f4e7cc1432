package org.ioasis.allocator.core;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.ioasid.Pasid;

/**
 * References to ids and to sets.
 *
 * <p><b>Threading:</b> any thread; the books' lock inside. Closing never waits and allocates
 * nothing under the lock: the last lease of a freed id is part of the way of a free.
 */
final class Leases {
  private static final int STACK_DEPTH = 16;

  private final Allocator allocator;
  private final Books books;
  private final boolean recordStacks;

  Leases(Allocator allocator) {
    this.allocator = allocator;
    this.books = allocator.books;
    this.recordStacks = allocator.around.recordStacks();
  }

  LeaseCore take(SetCore set, int id, String holder, int client) {
    List<String> where = recordStacks ? stack() : List.of();
    long now = allocator.around.time().nanoTime();
    LeaseCore lease = new LeaseCore(id, set.sid, holder, client, now, where);
    books.lock.lock();
    try {
      long word = books.usable(set, id);
      Allocator.checkActive(set, "lease");
      if (StateWord.leases(word) == StateWord.MAX_LEASES) {
        throw new IoasisException(
            Reason.EXHAUSTED,
            "lease refused: %s has %d already".formatted(new Pasid(id), StateWord.MAX_LEASES));
      }
      books.table.word(id, StateWord.withLease(word));
      books.count(Counter.LEASED);
      set.changed();
      lease.number(books.nextNumber++, false);
      books.table.hang(id, lease);
    } finally {
      books.lock.unlock();
    }
    return lease;
  }

  private static List<String> stack() {
    return Arrays.stream(new Throwable().getStackTrace())
        .skip(1)
        .limit(STACK_DEPTH)
        .map(StackTraceElement::toString)
        .toList();
  }

  /** Keeps the set of an id from ending. */
  LeaseCore takeSetOf(int id, int client) {
    long now = allocator.around.time().nanoTime();
    return allocator.locked(
        () -> {
          books.checkLive();
          SetCore set = allocator.sets.of(id);
          if (set == null) {
            throw new IoasisException(
                Reason.NOT_FOUND, new Pasid(id) + " refused: it is free, so no set has it");
          }
          LeaseCore lease = new LeaseCore(id, set.sid, "set", client, now, List.of());
          lease.number(books.nextNumber++, true);
          hangOnSet(set, lease);
          set.leases++;
          return lease;
        });
  }

  /** Under the lock. */
  static void hangOnSet(SetCore set, LeaseCore lease) {
    lease.next = set.leased;
    if (set.leased != null) {
      set.leased.previous = lease;
    }
    set.leased = lease;
  }

  private static void takeDown(SetCore set, LeaseCore lease) {
    if (lease.previous == null) {
      set.leased = (LeaseCore) lease.next;
    } else {
      lease.previous.next = lease.next;
    }
    if (lease.next != null) {
      lease.next.previous = lease.previous;
    }
  }

  /**
   * Gives a lease back; does nothing the second time. Never blocks.
   *
   * @return false if the books are a successor's by now
   */
  boolean close(LeaseCore lease) {
    Ticket reclaim;
    books.lock.lock();
    try {
      if (books.retired) {
        return false;
      }
      reclaim = end(lease);
    } finally {
      books.lock.unlock();
    }
    if (reclaim != null) {
      allocator.listeners.tell(reclaim);
    }
    return true;
  }

  /** The same for a lease that is known by number only; does nothing if there is none. */
  void close(long number) {
    Ticket reclaim = null;
    books.lock.lock();
    try {
      LeaseCore lease = books.retired ? null : find(number);
      if (lease != null) {
        reclaim = end(lease);
      }
    } finally {
      books.lock.unlock();
    }
    if (reclaim != null) {
      allocator.listeners.tell(reclaim);
    }
  }

  private LeaseCore find(long number) {
    Link at;
    if (LeaseCore.isOfSet(number)) {
      SetCore set = books.set(LeaseCore.place(number));
      at = set == null ? null : set.leased;
    } else {
      at = books.table.links(LeaseCore.place(number));
    }
    while (at != null && !(at instanceof LeaseCore lease && lease.number == number)) {
      at = at.next;
    }
    return (LeaseCore) at;
  }

  /** Under the lock. */
  private Ticket end(LeaseCore lease) {
    if (lease.closed) {
      return null;
    }
    lease.closed = true;
    SetCore set = books.set(lease.sid);
    if (LeaseCore.isOfSet(lease.number)) {
      takeDown(set, lease);
      set.leases--;
      books.endIfPossible(set);
      return null;
    }
    books.table.takeDown(lease.id, lease);
    long word = StateWord.withoutLease(books.table.word(lease.id));
    books.table.word(lease.id, word);
    set.changed();
    return allocator.endings.reclaimIfPossible(set, lease.id, word);
  }

  /** All leases, of ids by id and then of sets; those of one id as of one moment. */
  List<LeaseCore> list() {
    List<LeaseCore> found = new ArrayList<>();
    IdScan.each(books, (id, word) -> eachOf(books.table.links(id), found::add), () -> {});
    allocator.locked(
        () -> {
          books.sets.stream().filter(set -> set != null).forEach(s -> eachOf(s.leased, found::add));
          return null;
        });
    return found;
  }

  /** Under the lock: the leases of a chain, the oldest first. */
  static void eachOf(Link chain, Consumer<LeaseCore> action) {
    Link at = chain;
    while (at != null && at.next != null) {
      at = at.next;
    }
    for (; at != null; at = at.previous) {
      if (at instanceof LeaseCore lease) {
        action.accept(lease);
      }
    }
  }
}
