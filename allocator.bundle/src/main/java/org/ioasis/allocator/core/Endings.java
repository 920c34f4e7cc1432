package org.ioasis.allocator.core;

/**
 * The end of ids: freed, settled, reclaimed.
 *
 * <p><b>Threading:</b> any thread, listeners and callbacks of anything included. A free makes what
 * it needs first, takes the short lock for a few instructions, allocates nothing under it, calls
 * first-phase listeners, rings the bell, and waits for nothing.
 */
final class Endings {
  private final Allocator allocator;
  private final Books books;
  private final Listeners listeners;

  Endings(Allocator allocator) {
    this.allocator = allocator;
    this.books = allocator.books;
    this.listeners = allocator.listeners;
    listeners.onSettled(this::settled);
  }

  /** Frees an id; does nothing if it is free or being freed. */
  void free(SetCore set, int id, String cause) {
    long now = allocator.around.time().nanoTime();
    boolean decided = false;
    while (!decided) { // again only if a listener that acknowledges came or went meanwhile
      Settlement end = listeners.prepareEnd(set, cause);
      boolean begun = false;
      Ticket reclaim = null;
      books.lock.lock();
      try {
        long word = books.owned(set, id);
        boolean usable = StateWord.isUsable(word);
        decided = !usable || listeners.isCurrent(end);
        begun = usable && decided;
        if (begun) {
          reclaim = begin(set, id, word, end, now);
        } else if (!usable) {
          books.count(Counter.FREE_REPEATED);
        }
      } finally {
        books.lock.unlock();
      }
      if (begun) {
        tell(end, reclaim);
      }
    }
  }

  /** Frees an id if it still is the one of a generation and a set. */
  void freeSame(SetCore set, int id, int generation, String cause) {
    long now = allocator.around.time().nanoTime();
    boolean decided = false;
    while (!decided) {
      Settlement end = listeners.prepareEnd(set, cause);
      boolean begun = false;
      Ticket reclaim = null;
      books.lock.lock();
      try {
        long word = books.table.word(id);
        boolean same =
            !books.retired
                && StateWord.isUsable(word)
                && StateWord.generation(word) == generation
                && StateWord.set(word) == set.sid;
        decided = !same || listeners.isCurrent(end);
        begun = same && decided;
        if (begun) {
          reclaim = begin(set, id, word, end, now);
        }
      } finally {
        books.lock.unlock();
      }
      if (begun) {
        tell(end, reclaim);
      }
    }
  }

  private void tell(Settlement end, Ticket reclaim) {
    if (reclaim == null) {
      listeners.tell(end.freed);
    } else {
      listeners.tell(end.freed, reclaim);
    }
  }

  /** Under the lock; RECLAIM if nothing keeps the id, else null. */
  Ticket begin(SetCore set, int id, long word, Settlement end, long now) {
    books.table.word(id, StateWord.pending(word));
    int guest = books.table.guest(id);
    if (guest >= 0) {
      set.guests.host(guest, -1);
    }
    end.freed.id = id;
    end.freed.guest = guest;
    end.reclaimed.id = id;
    books.table.hang(id, end);
    set.settle(1);
    set.changed();
    books.count(Counter.FREED);
    return listeners.begin(end, now);
  }

  /** Under the lock: nothing is waited for any more. */
  private Ticket settled(Settlement end) {
    int id = end.freed.id;
    long word = StateWord.settled(books.table.word(id));
    books.table.word(id, word);
    SetCore set = books.set(StateWord.set(word));
    set.settle(-1);
    return reclaimIfPossible(set, id, word);
  }

  /** Under the lock: makes a number free again; RECLAIM, or null if something keeps it. */
  Ticket reclaimIfPossible(SetCore set, int id, long word) {
    if (!StateWord.isReclaimable(word)) {
      return null;
    }
    Settlement end = books.table.end(id);
    books.table.takeDown(id, end);
    allocator.bindings.forget(id);
    books.table.word(id, StateWord.free(StateWord.generation(word) + 1));
    books.table.data(id, null);
    books.table.guest(id, -1);
    set.ids.remove(id);
    allocator.customs.giveBackLater(end, books.table.chooser(id), id);
    books.table.chooser(id, 0);
    if (id < books.total) {
      books.numbers.release(id);
    }
    set.use(-1);
    set.changed();
    books.inUse--;
    books.count(Counter.RECLAIMED);
    Ticket reclaim = listeners.append(end.reclaimed);
    books.endIfPossible(set);
    return reclaim;
  }
}
