package org.ioasis.allocator.core;

import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;

/**
 * What publishers say of ids: bound, and no longer.
 *
 * <p><b>Threading:</b> any thread; the books' lock inside.
 */
final class Bindings {
  private final Allocator allocator;
  private final Books books;

  Bindings(Allocator allocator) {
    this.allocator = allocator;
    this.books = allocator.books;
  }

  PublisherCore open(SetCore set, String name, int client) {
    return allocator.locked(
        () -> {
          books.checkLive();
          PublisherCore one = new PublisherCore(books.nextNumber++, set.sid, name, client);
          books.publishers.put(one.number, one);
          return one;
        });
  }

  void bound(PublisherCore publisher, int id, String cause) {
    Ticket ticket = new Ticket(Ticket.Kind.BIND, cause);
    BindCore spare = new BindCore(publisher, id);
    books.lock.lock();
    try {
      books.checkLive();
      SetCore set = books.set(publisher.sid);
      if (set == null || publisher.closed) {
        throw new IoasisException(
            Reason.NOT_FOUND,
            "publisher %s refused: it was closed or set %d is gone"
                .formatted(publisher.name, publisher.sid));
      }
      books.usable(set, id);
      Allocator.checkActive(set, "bind");
      BindCore bind = of(publisher, id);
      if (bind == null) {
        bind = spare;
        bind.hang(books.table);
      }
      bind.count++;
      books.table.bindings(id, books.table.bindings(id) + 1);
      books.count(Counter.BOUND);
      set.changed();
      allocator.listeners.append(ticket.of(set, id, books.table.guest(id)));
    } finally {
      books.lock.unlock();
    }
    allocator.listeners.tell(ticket);
  }

  /** Under the lock: what a publisher has bound an id to, or null. */
  private BindCore of(PublisherCore publisher, int id) {
    Link at = books.table.links(id);
    while (at != null && !(at instanceof BindCore bind && bind.publisher == publisher)) {
      at = at.next;
    }
    return (BindCore) at;
  }

  void unbound(PublisherCore publisher, int id, String cause) {
    Ticket ticket = new Ticket(Ticket.Kind.UNBIND, cause);
    boolean done;
    books.lock.lock();
    try {
      done = unbind(books.retired ? null : of(publisher, id), ticket);
    } finally {
      books.lock.unlock();
    }
    if (done) {
      allocator.listeners.tell(ticket);
    }
  }

  /** Under the lock; whether there was something to unbind. */
  private boolean unbind(BindCore bind, Ticket ticket) {
    if (bind == null) {
      return false;
    }
    int id = bind.id;
    bind.count--;
    if (bind.count == 0) {
      bind.takeDown(books.table);
    }
    SetCore set = books.set(bind.publisher.sid);
    books.table.bindings(id, books.table.bindings(id) - 1);
    books.count(Counter.UNBOUND);
    set.changed();
    allocator.listeners.append(ticket.of(set, id, books.table.guest(id)));
    return true;
  }

  /** Under the lock: the id is reclaimed, and what was bound to it with it. */
  void forget(int id) {
    Link at = books.table.links(id);
    while (at != null) {
      Link next = at.next;
      if (at instanceof BindCore bind) {
        bind.takeDown(books.table);
      }
      at = next;
    }
    books.table.bindings(id, 0);
  }

  /**
   * Closes a publisher, known by number; unbinds what is bound through it.
   *
   * @param why for listeners; null if the publisher closed itself
   */
  void close(long number, String why) {
    PublisherCore publisher =
        allocator.locked(
            () -> {
              PublisherCore one = books.retired ? null : books.publishers.remove(number);
              if (one != null) {
                one.closed = true;
              }
              return one;
            });
    boolean more = publisher != null;
    String cause = more && why == null ? "publisher " + publisher.name + " closed" : why;
    while (more) {
      Ticket ticket = new Ticket(Ticket.Kind.UNBIND, cause);
      more = allocator.locked(() -> unbind(books.retired ? null : publisher.bound, ticket));
      if (more) {
        allocator.listeners.tell(ticket);
      }
    }
  }
}
