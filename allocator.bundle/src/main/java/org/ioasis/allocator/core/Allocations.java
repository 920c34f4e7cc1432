package org.ioasis.allocator.core;

import java.util.OptionalInt;
import java.util.stream.Collectors;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.ioasid.AllocationRequest;
import org.ioasis.api.ioasid.IdBound;
import org.ioasis.api.ioasid.Pasid;
import org.ioasis.api.ioasid.SetState;

/**
 * The birth of ids: quota is reserved, a number chosen, the id entered and told.
 *
 * <p><b>Threading:</b> any thread; the books' lock inside, but not while somebody else chooses.
 */
final class Allocations {
  /** What a call is looking for and has found. */
  static final class Choice extends NumberGoingBack {
    final int min;
    final int max;
    final AllocationRequest request;
    int id = -1;
    int chooser;

    Choice(int min, int max, AllocationRequest request) {
      this.min = min;
      this.max = max;
      this.request = request;
    }
  }

  private final Allocator allocator;
  private final Books books;

  Allocations(Allocator allocator) {
    this.allocator = allocator;
    this.books = allocator.books;
  }

  int allocate(SetCore set, AllocationRequest request, int client, String cause) {
    int max = request.max();
    for (IdBound bound : request.bounds()) {
      max = Math.min(max, bound.max());
    }
    Choice choice = new Choice(Math.max(Books.RESERVED, request.min()), max, request);
    Ticket ticket = new Ticket(Ticket.Kind.ALLOC, cause);
    boolean done = false;
    if (allocator.customs.isPresent()) {
      allocator.locked(() -> reserve(set, request));
      try {
        chooseCustom(choice);
        allocator.locked(() -> publish(set, choice, client, ticket));
        done = true;
      } finally {
        if (!done) {
          allocator.locked(() -> giveUp(set, choice));
        }
      }
    } else {
      books.lock.lock();
      try {
        reserve(set, request);
        try {
          publish(set, choice, client, ticket);
          done = true;
        } finally {
          if (!done) {
            giveUp(set, choice);
          }
        }
      } finally {
        books.lock.unlock();
      }
    }
    allocator.listeners.tell(ticket);
    return choice.id;
  }

  private Void reserve(SetCore set, AllocationRequest request) {
    books.checkLive();
    books.checkNotEnded(set);
    if (set.state != SetState.ACTIVE) {
      books.count(Counter.ALLOCATION_REFUSED);
      throw new IoasisException(
          Reason.BUSY, "allocation refused: %s is %s, not ACTIVE".formatted(set, set.state));
    }
    if (set.room() < 1) {
      books.count(Counter.ALLOCATION_REFUSED);
      throw new IoasisException(
          Reason.EXHAUSTED,
          "allocation refused: %s has %d ids and %d for child sets of quota %d; adjust the quota"
              .formatted(set, set.inUse, set.childQuota, set.quota));
    }
    checkGuest(set, request.guestId());
    set.use(1);
    set.enter(1);
    books.inUse++;
    return null;
  }

  /** Under the lock. */
  void checkGuest(SetCore set, OptionalInt guest) {
    if (guest.isEmpty()) {
      return;
    }
    if (guest.getAsInt() < 0 || guest.getAsInt() >= 1 << Pasid.MAX_BITS) {
      throw new IoasisException(
          Reason.INVALID,
          "guest id 0x%x refused: it is not 0 to 0xfffff".formatted(guest.getAsInt()));
    }
    int host = set.guests.host(guest.getAsInt());
    if (host >= 0) {
      books.count(Counter.ALLOCATION_REFUSED);
      throw new IoasisException(
          Reason.EXISTS,
          "guest id 0x%x refused: in %s it is %s"
              .formatted(guest.getAsInt(), set, new Pasid(host)));
    }
  }

  /** Lets the chooser, if there is one, choose; without the lock. */
  void chooseCustom(Choice choice) {
    allocator.customs.choose(choice, (id, chooser) -> allocator.locked(() -> claim(id, chooser)));
  }

  /** Takes a number that somebody else chose; whether it was free. */
  private CustomNumbers.Claim claim(int id, int chooser) {
    if (id < books.total && books.numbers.isFree(id)) {
      books.numbers.take(id);
      return CustomNumbers.Claim.TAKEN;
    }
    boolean out = id >= Books.RESERVED && id < books.total;
    if (out && books.table.chooser(id) != chooser) {
      books.table.chooser(id, chooser);
      return CustomNumbers.Claim.OUT_BEFORE;
    }
    return CustomNumbers.Claim.WRONG;
  }

  private Void publish(SetCore set, Choice choice, int client, Ticket ticket) {
    books.checkLive();
    if (set.state == SetState.DESTROY_PENDING) {
      throw new IoasisException(
          Reason.BUSY, "allocation refused: %s is being destroyed".formatted(set));
    }
    AllocationRequest request = choice.request;
    checkGuest(set, request.guestId());
    if (choice.id < 0) {
      choice.id = books.numbers.lowest(choice.min, Math.min(choice.max, books.total - 1));
      if (choice.id < 0) {
        books.count(Counter.ALLOCATION_REFUSED);
        throw noNumber(set, choice);
      }
      books.numbers.take(choice.id);
    } else {
      books.count(Counter.CUSTOM_CHOSEN);
    }
    enter(set, choice, client);
    set.enter(-1);
    books.count(Counter.ALLOCATED);
    allocator.listeners.append(ticket.of(set, choice.id, request.guestId().orElse(-1)));
    return null;
  }

  /** Under the lock: enters an id whose number is taken and whose quota is reserved. */
  void enter(SetCore set, Choice choice, int client) {
    int id = choice.id;
    int guest = choice.request.guestId().orElse(-1);
    books.table.data(id, choice.request.privateData());
    books.table.guest(id, guest);
    books.table.client(id, client);
    books.table.chooser(id, choice.chooser);
    set.ids.add(id);
    set.changed();
    if (guest >= 0) {
      set.guests.host(guest, id);
    }
    int generation = StateWord.generation(books.table.word(id));
    books.table.word(id, StateWord.idle(generation, set.sid));
  }

  private IoasisException noNumber(SetCore set, Choice choice) {
    String bounds =
        choice.request.bounds().stream()
            .filter(b -> b.max() == choice.max)
            .map(b -> " (bound by " + b.what() + ", " + b.bits() + " bits)")
            .collect(Collectors.joining());
    return new IoasisException(
        Reason.EXHAUSTED,
        "allocation in %s refused: no number of 0x%x..0x%x%s is free"
            .formatted(set, choice.min, Math.min(choice.max, books.total - 1), bounds));
  }

  private Void giveUp(SetCore set, Choice choice) {
    set.use(-1);
    set.enter(-1);
    books.inUse--;
    letGo(choice);
    books.endIfPossible(set);
    return null;
  }

  /** Under the lock: a number that was chosen and is not needed. */
  void letGo(Choice choice) {
    if (choice.id >= 0) {
      books.numbers.release(choice.id);
      allocator.customs.giveBackLater(choice, choice.chooser, choice.id);
    }
  }
}
