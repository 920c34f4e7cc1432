package org.ioasis.allocator.core;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.ioasid.AllocationRequest;
import org.ioasis.api.ioasid.IdBound;
import org.ioasis.api.ioasid.IoasidListener;
import org.ioasis.api.ioasid.IoasidState;
import org.ioasis.api.ioasid.Pasid;
import org.ioasis.api.ioasid.SetState;

/**
 * The life of ids: allocated, leased, bound, freed, reclaimed. Sets are {@link Sets}'.
 *
 * <p><b>Threading:</b> any thread, listeners included. {@link #free} takes the short lock twice for
 * a few instructions, calls first-phase listeners between, rings the bell, and waits for nothing.
 */
public final class Allocator {
  final Books books = new Books();
  final Listeners listeners;
  final CustomNumbers customs;
  final Surroundings around;
  final Sets sets;

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
    this.customs = new CustomNumbers(around.time(), around.acknowledgeNanos());
    this.sets = new Sets(this);
    listeners.onSettled(this::settled);
    listeners.onTellReclaim(this::tellReclaim);
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

  /** The second phase's work; see {@link Listeners#pump}. */
  public void pump() {
    listeners.pump();
    if (customs.hasWork()) {
      around.executor().execute(() -> customs.giveBack(this::customFailed));
    }
  }

  private void customFailed(RuntimeException thrown) {
    books.lock.lock();
    books.count(Counter.CUSTOM_FAILED);
    books.lock.unlock();
    around.watcher().failed("custom allocator", thrown);
  }

  int allocate(SetCore set, AllocationRequest request, int client, String cause) {
    int max = request.max();
    for (IdBound bound : request.bounds()) {
      max = Math.min(max, bound.max());
    }
    Choice choice = new Choice(Math.max(Books.RESERVED, request.min()), max, request);
    locked(() -> reserve(set, request));
    Ticket ticket = new Ticket(Ticket.Kind.ALLOC, cause);
    boolean done = false;
    try {
      chooseCustom(choice);
      locked(() -> publish(set, choice, client, ticket));
      done = true;
    } finally {
      if (!done) {
        locked(() -> giveUp(set, choice));
      }
    }
    listeners.tell(ticket);
    return choice.id;
  }

  /** What a call is looking for and has found. */
  static final class Choice {
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

  private Void reserve(SetCore set, AllocationRequest request) {
    books.checkLive();
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
    set.inUse++;
    set.entering++;
    books.inUse++;
    return null;
  }

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

  /** Lets the chooser, if there is one, choose. */
  void chooseCustom(Choice choice) {
    if (customs.isPresent()) {
      customs.choose(choice, (id, chooser) -> locked(() -> claim(id, chooser)));
    }
  }

  /** Takes a number that somebody else chose; whether it was free. */
  private CustomNumbers.Claim claim(int id, int chooser) {
    if (id < books.total && books.numbers.isFree(id)) {
      books.numbers.take(id);
      return CustomNumbers.Claim.TAKEN;
    }
    if (id >= Books.RESERVED && id < books.total && books.table.chooser(id) == 0) {
      books.table.chooser(id, chooser);
      return CustomNumbers.Claim.OUT_BEFORE;
    }
    books.count(Counter.CUSTOM_FAILED);
    return CustomNumbers.Claim.WRONG;
  }

  private Void publish(SetCore set, Choice choice, int client, Ticket ticket) {
    books.checkLive();
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
    set.entering--;
    books.count(Counter.ALLOCATED);
    listeners.append(ticket.of(set, choice.id, request.guestId().orElse(-1)));
    return null;
  }

  /** Enters an id whose number is taken and whose quota is reserved. */
  void enter(SetCore set, Choice choice, int client) {
    int id = choice.id;
    int guest = choice.request.guestId().orElse(-1);
    books.table.data(id, choice.request.privateData());
    books.table.guest(id, guest);
    books.table.bindings(id, 0);
    books.table.client(id, client);
    books.table.chooser(id, choice.chooser);
    set.ids.add(id);
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
    set.inUse--;
    set.entering--;
    books.inUse--;
    if (choice.id >= 0) {
      books.numbers.release(choice.id);
      customs.giveBackLater(choice.chooser, choice.id);
    }
    books.endIfPossible(set);
    return null;
  }

  /** Frees an id; does nothing if it is free or being freed. */
  void free(SetCore set, int id, String cause) {
    Ticket ticket = new Ticket(Ticket.Kind.FREE, cause);
    Settlement settlement = new Settlement(ticket);
    books.lock.lock();
    try {
      if (!beginFree(set, id, books.owned(set, id), settlement)) {
        return;
      }
    } finally {
      books.lock.unlock();
    }
    listeners.tell(ticket);
  }

  /** Frees an id if it still is the one of a generation and a set. */
  void freeSame(SetCore set, long key, String cause) {
    Ticket ticket = new Ticket(Ticket.Kind.FREE, cause);
    Settlement settlement = new Settlement(ticket);
    int id = (int) key;
    boolean begun =
        locked(
            () -> {
              long word = books.table.word(id);
              return !books.retired
                  && PublisherCore.key(id, word) == key
                  && StateWord.isUsable(word)
                  && StateWord.set(word) == set.sid
                  && beginFree(set, id, word, settlement);
            });
    if (begun) {
      listeners.tell(ticket);
    }
  }

  private boolean beginFree(SetCore set, int id, long word, Settlement settlement) {
    if (!StateWord.isUsable(word)) {
      books.count(Counter.FREE_REPEATED);
      return false;
    }
    books.table.word(id, StateWord.pending(word));
    int guest = books.table.guest(id);
    if (guest >= 0) {
      set.guests.host(guest, -1);
    }
    set.unsettled++;
    books.count(Counter.FREED);
    listeners.appendFree(settlement.ticket.of(set, id, guest), settlement);
    return true;
  }

  /** Under the lock: nothing is waited for any more. */
  private void settled(Settlement settlement) {
    int id = settlement.ticket.id;
    long word = StateWord.settled(books.table.word(id));
    books.table.word(id, word);
    SetCore set = books.set(StateWord.set(word));
    set.unsettled--;
    settlement.reclaim = reclaimIfPossible(set, id, word);
  }

  private void tellReclaim(Settlement settlement) {
    Ticket reclaim = locked(settlement::takeReclaim);
    if (reclaim != null) {
      listeners.tell(reclaim);
    }
  }

  /** Under the lock: makes a number free again; the event, or null if something keeps it. */
  private Ticket reclaimIfPossible(SetCore set, int id, long word) {
    if (!StateWord.isReclaimable(word)) {
      return null;
    }
    books.table.word(id, StateWord.free(StateWord.generation(word) + 1));
    books.table.data(id, null);
    books.table.guest(id, -1);
    set.ids.remove(id);
    customs.giveBackLater(books.table.chooser(id), id);
    books.table.chooser(id, 0);
    if (id < books.total) {
      books.numbers.release(id);
    }
    set.inUse--;
    books.inUse--;
    books.count(Counter.RECLAIMED);
    Ticket ticket =
        listeners.append(new Ticket(Ticket.Kind.RECLAIM, "the last user is gone").of(set, id, -1));
    books.endIfPossible(set);
    return ticket;
  }

  LeaseCore lease(SetCore set, int id, String holder, int client) {
    List<String> where = around.recordStacks() ? stack() : List.of();
    long now = around.time().nanoTime();
    return locked(
        () -> {
          long word = books.usable(set, id);
          checkActive(set, "lease");
          if (StateWord.leases(word) == StateWord.MAX_LEASES) {
            throw new IoasisException(
                Reason.EXHAUSTED,
                "lease refused: %s has %d already".formatted(new Pasid(id), StateWord.MAX_LEASES));
          }
          books.table.word(id, StateWord.withLease(word));
          books.count(Counter.LEASED);
          books.changes++;
          LeaseCore lease =
              new LeaseCore(books.nextNumber++, id, set.sid, false, holder, client, now, where);
          books.leases.put(lease.number(), lease);
          return lease;
        });
  }

  private static List<String> stack() {
    return Arrays.stream(new Throwable().getStackTrace())
        .skip(1)
        .limit(16)
        .map(StackTraceElement::toString)
        .toList();
  }

  static void checkActive(SetCore set, String what) {
    if (set.state != SetState.ACTIVE) {
      throw new IoasisException(
          Reason.BUSY, "%s refused: %s is %s, not ACTIVE".formatted(what, set, set.state));
    }
  }

  /** Gives a lease back; does nothing the second time. Never blocks. */
  void close(long lease) {
    Ticket reclaim = null;
    books.lock.lock();
    try {
      LeaseCore core = books.retired ? null : books.leases.remove(lease);
      if (core == null) {
        return;
      }
      books.changes++;
      SetCore set = books.set(core.sid());
      if (core.ofSet()) {
        set.leases--;
        books.endIfPossible(set);
      } else {
        long word = StateWord.withoutLease(books.table.word(core.id()));
        books.table.word(core.id(), word);
        reclaim = reclaimIfPossible(set, core.id(), word);
      }
    } finally {
      books.lock.unlock();
    }
    if (reclaim != null) {
      listeners.tell(reclaim);
    }
  }

  void bound(PublisherCore publisher, int id, String cause) {
    Ticket ticket = new Ticket(Ticket.Kind.BIND, cause);
    locked(
        () -> {
          books.checkLive();
          SetCore set = publisherSet(publisher);
          long word = books.usable(set, id);
          checkActive(set, "bind");
          publisher.bound.merge(PublisherCore.key(id, word), 1, Integer::sum);
          books.table.bindings(id, books.table.bindings(id) + 1);
          books.count(Counter.BOUND);
          return listeners.append(ticket.of(set, id, books.table.guest(id)));
        });
    listeners.tell(ticket);
  }

  private SetCore publisherSet(PublisherCore publisher) {
    SetCore set = books.set(publisher.sid);
    if (set == null || !books.publishers.containsKey(publisher.number)) {
      throw new IoasisException(
          Reason.NOT_FOUND,
          "publisher %s refused: it was closed or set %d is gone"
              .formatted(publisher.name, publisher.sid));
    }
    return set;
  }

  void unbound(PublisherCore publisher, int id, String cause) {
    Ticket ticket = new Ticket(Ticket.Kind.UNBIND, cause);
    boolean done =
        locked(
            () -> {
              long word = books.table.word(id);
              Integer left = publisher.bound.get(PublisherCore.key(id, word));
              if (books.retired || left == null) {
                return false;
              }
              if (left == 1) {
                publisher.bound.remove(PublisherCore.key(id, word));
              } else {
                publisher.bound.put(PublisherCore.key(id, word), left - 1);
              }
              SetCore set = books.set(publisher.sid);
              if (set == null || StateWord.state(word) == IoasidState.FREE) {
                return false;
              }
              books.table.bindings(id, books.table.bindings(id) - 1);
              books.count(Counter.UNBOUND);
              listeners.append(ticket.of(set, id, books.table.guest(id)));
              return true;
            });
    if (done) {
      listeners.tell(ticket);
    }
  }

  void close(PublisherCore publisher, String cause) {
    List<Long> keys =
        locked(
            () ->
                books.retired
                    ? List.<Long>of()
                    : publisher.bound.entrySet().stream()
                        .flatMap(
                            e -> java.util.Collections.nCopies(e.getValue(), e.getKey()).stream())
                        .sorted()
                        .toList());
    keys.forEach(key -> unbound(publisher, key.intValue(), cause));
    locked(() -> books.retired ? null : books.publishers.remove(publisher.number));
  }

  /** Enters a listener. */
  public Object addListener(IoasidListener listener, ListenerOptions options) {
    return listeners.add(listener, options, this::present);
  }

  /** Takes a listener out and waits, bounded, for its call under way. */
  public void removeListener(Object registration) {
    listeners.remove((Registration) registration);
  }

  /** The chooser of numbers; null for the allocator's own choice. */
  public void customAllocator(org.ioasis.api.ioasid.CustomAllocator custom) {
    customs.use(custom);
  }

  /** Falls back to the allocator's own choice if this was the chooser; whether it was. */
  public boolean dropCustomAllocator(org.ioasis.api.ioasid.CustomAllocator custom) {
    return customs.drop(custom);
  }

  /** Under the lock: what a listener that comes late has missed, as events. */
  private List<Ticket> present(Registration one) {
    List<Ticket> missed = new ArrayList<>();
    for (SetCore set : books.sets) {
      if (set != null && one.options.hears(set.sid, set.token)) {
        set.ids.forEach(id -> missed.addAll(present(set, id)));
      }
    }
    missed.forEach(
        ticket -> {
          ticket.sequence = listeners.sequence();
          ticket.replayed = true;
          books.count(Counter.REPLAYED);
        });
    return missed;
  }

  private List<Ticket> present(SetCore set, int id) {
    List<Ticket> tickets = new ArrayList<>();
    int guest = books.table.guest(id);
    tickets.add(new Ticket(Ticket.Kind.ALLOC, "present").of(set, id, guest));
    for (int i = 0; i < books.table.bindings(id); i++) {
      tickets.add(new Ticket(Ticket.Kind.BIND, "present").of(set, id, guest));
    }
    if (StateWord.state(books.table.word(id)) == IoasidState.FREE_PENDING) {
      Ticket freed = new Ticket(Ticket.Kind.FREE, "being freed").of(set, id, guest);
      freed.settlement = listeners.unsettledOf(id);
      tickets.add(freed);
    }
    return tickets;
  }
}
