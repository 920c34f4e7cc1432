package org.ioasis.allocator.core;

import java.util.ArrayDeque;
import java.util.Deque;
import org.ioasis.api.ioasid.IoasidState;
import org.ioasis.api.ioasid.Pasid;

/**
 * The present ids, as events for one listener that came late or was overrun. They are read a chunk
 * at a time, so that nobody waits for the lock while a million ids are copied; each chunk notes up
 * to which event it is the truth, and the journal's events of its ids are told from there on.
 *
 * <p><b>Threading:</b> the listener's drain; takes the allocator's lock for a chunk.
 */
final class Replay {
  private static final int CHUNK_LG2 = 8;
  private static final int CHUNK = 1 << CHUNK_LG2;

  private final Books books;
  private final Journal journal;
  private final Registration one;
  private final long[] trueUntil = new long[1 << (Pasid.MAX_BITS - CHUNK_LG2)];
  private final Deque<Ticket> tickets = new ArrayDeque<>();
  private final long[] words = new long[CHUNK];
  private final int[] guests = new int[CHUNK];
  private final int[] bindings = new int[CHUNK];
  private final SetCore[] sets = new SetCore[CHUNK];
  private final Settlement[] ends = new Settlement[CHUNK];
  private int next;
  private long end;

  Replay(Books books, Journal journal, Registration one) {
    this.books = books;
    this.journal = journal;
    this.one = one;
  }

  /** What is to be told next, or null when all is told. */
  Ticket head() {
    while (tickets.isEmpty() && next < trueUntil.length) {
      int from = next << CHUNK_LG2;
      int count = read(from);
      for (int i = 0; i < count; i++) {
        tell(from + i, i);
      }
      if (!tickets.isEmpty()) {
        one.owner.count(Counter.REPLAYED, tickets.size());
      }
      next++;
    }
    return tickets.peekFirst();
  }

  void passed() {
    tickets.removeFirst();
  }

  /** Whether an event of the journal is part of what has been told. */
  boolean covers(Ticket ticket) {
    return ticket.id >= 0 && ticket.sequence <= trueUntil[ticket.id >>> CHUNK_LG2];
  }

  /** Whether nothing after an event can be part of it. */
  boolean isOver(long sequence) {
    return next == trueUntil.length && tickets.isEmpty() && sequence >= end;
  }

  private int read(int from) {
    IdTable table = books.table;
    books.lock.lock();
    try {
      end = journal.last();
      trueUntil[next] = end;
      if (!table.reaches(from)) {
        return 0;
      }
      for (int i = 0; i < CHUNK; i++) {
        long word = table.word(from + i);
        words[i] = word;
        if (StateWord.state(word) != IoasidState.FREE) {
          guests[i] = table.guest(from + i);
          bindings[i] = table.bindings(from + i);
          sets[i] = books.set(StateWord.set(word));
          ends[i] = table.end(from + i);
        }
      }
      return CHUNK;
    } finally {
      books.lock.unlock();
    }
  }

  private void tell(int id, int i) {
    IoasidState state = StateWord.state(words[i]);
    if (state == IoasidState.FREE || !one.options.hears(sets[i].sid, sets[i].token)) {
      return;
    }
    add(new Ticket(Ticket.Kind.ALLOC, "present").of(sets[i], id, guests[i]));
    for (int k = 0; k < bindings[i]; k++) {
      add(new Ticket(Ticket.Kind.BIND, "present").of(sets[i], id, guests[i]));
    }
    if (state == IoasidState.FREE_PENDING) {
      Ticket freed = new Ticket(Ticket.Kind.FREE, "being freed").of(sets[i], id, guests[i]);
      freed.settlement = ends[i];
      add(freed);
      if (one.options.acknowledges()) {
        join(id, ends[i]);
      }
    }
  }

  private void add(Ticket ticket) {
    ticket.sequence = trueUntil[next];
    ticket.replayed = true;
    tickets.add(ticket);
  }

  /** The listener is waited for, too, unless its class has had its turn. */
  private void join(int id, Settlement end) {
    Settlement.Await await = new Settlement.Await(one, end);
    books.lock.lock();
    try {
      boolean inTime = !end.settled && end.stage <= one.stage && !one.gone;
      if (inTime && end.of(one) == null && books.table.end(id) == end) {
        end.join(await);
      }
    } finally {
      books.lock.unlock();
    }
  }
}
