package org.ioasis.allocator.core;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.ioasis.api.Handle;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.ioasid.IoasidSet;
import org.ioasis.api.ioasid.IoasidState;
import org.ioasis.api.ioasid.SetState;
import org.ioasis.api.ioasid.SetToken;

/**
 * The books on their way from one instance of the allocator to the next. They are written in
 * classes of the Java platform only, since the two instances share no other; private data are the
 * clients' objects and pass as they are.
 *
 * <p>Sets, ids, references, bindings, guests' numbers and the right to them pass. Ids being freed
 * stay so: returning listeners are told again, and waited for once more.
 *
 * <p><b>Threading:</b> {@link #leave} once, by whoever stops the allocator; {@link #take} before
 * anybody knows the new one.
 */
public final class HandOver {
  private static final int VERSION = 2;

  private HandOver() {}

  /** Ends an instance: every further call is refused with GONE. Returns what it leaves. */
  public static Map<String, Object> leave(Clients clients) {
    Allocator allocator = clients.allocator();
    Object relay = clients.relay().leave();
    Map<String, Object> left = allocator.locked(() -> leaveLocked(allocator));
    left.put("relay", relay);
    List<Object[]> known = new ArrayList<>();
    clients
        .numbers()
        .forEach((bundle, number) -> known.add(row(bundle, number, clients.name(number))));
    left.put("clients", known);
    allocator.books.table.clear();
    return left;
  }

  private static Object[] row(Object... cells) {
    return cells;
  }

  private static Map<String, Object> leaveLocked(Allocator allocator) {
    Books books = allocator.books;
    books.checkLive();
    books.retired = true;
    Map<String, Object> left = new HashMap<>();
    left.put("version", VERSION);
    left.put("total", books.total);
    left.put("sequence", allocator.listeners.journal.last());
    left.put("next", books.nextNumber);
    left.put("system", allocator.sets.system().sid);
    left.put("generations", new HashMap<>(books.generations));
    List<Object[]> sets = new ArrayList<>();
    List<Object[]> ids = new ArrayList<>();
    for (SetCore set : books.sets) {
      if (set != null) {
        sets.add(leaveSet(set));
        set.ids.forEach(id -> ids.add(leaveId(allocator, id)));
      }
    }
    left.put("sets", sets);
    left.put("ids", ids);
    left.put("leases", leaveLeases(books));
    left.put("publishers", books.publishers.values().stream().map(HandOver::leave).toList());
    return left;
  }

  private static Object[] leaveSet(SetCore set) {
    return row(
        set.sid,
        set.handle.generation(),
        set.handle.secret(),
        set.token.type(),
        set.token.value(),
        set.parent == null ? 0 : set.parent.sid,
        set.quota,
        set.state.name(),
        set.client,
        set.leases);
  }

  private static Object[] leaveId(Allocator allocator, int id) {
    IdTable table = allocator.books.table;
    return row(
        id,
        table.word(id),
        table.guest(id),
        table.bindings(id),
        table.client(id),
        allocator.customs.name(table.chooser(id)),
        table.data(id));
  }

  private static List<Object[]> leaveLeases(Books books) {
    List<Object[]> leases = new ArrayList<>();
    Consumer<LeaseCore> leave =
        l -> leases.add(row(l.number, l.id, l.sid, l.holder, l.client, l.where));
    for (SetCore set : books.sets) {
      if (set != null) {
        set.ids.forEach(
            id -> {
              Leases.eachOf(books.table.links(id), leave);
              return true;
            });
        Leases.eachOf(set.leased, leave);
      }
    }
    return leases;
  }

  private static Object[] leave(PublisherCore publisher) {
    Map<Integer, Integer> bound = new HashMap<>();
    for (BindCore bind = publisher.bound; bind != null; bind = bind.after()) {
      bound.put(bind.id, bind.count);
    }
    return row(publisher.number, publisher.sid, publisher.name, publisher.client, bound);
  }

  /**
   * Makes an instance of what another left. Changes nothing outside of it, so that whoever cannot
   * go on lets the books lie; {@link Clients#serve} begins its life.
   *
   * @throws IoasisException MALFORMED if it is of another form; nothing may be handed out then
   */
  public static Clients take(Surroundings around, Map<String, Object> left) {
    if (!Integer.valueOf(VERSION).equals(left.get("version"))) {
      throw malformed("version %s is not %d".formatted(left.get("version"), VERSION), null);
    }
    try {
      return read(around, left);
    } catch (ClassCastException | NullPointerException | IndexOutOfBoundsException damaged) {
      throw malformed("the books are damaged", damaged);
    }
  }

  private static IoasisException malformed(String why, Throwable cause) {
    return new IoasisException(
        Reason.MALFORMED,
        "take-over refused: " + why + "; stop the clients and start the platform anew",
        cause);
  }

  private static Clients read(Surroundings around, Map<String, Object> left) {
    Allocator allocator = new Allocator(around);
    Books books = allocator.books;
    allocator.sets.install((int) left.get("total"));
    allocator.listeners.journal.continueFrom((long) left.get("sequence"));
    books.nextNumber = (long) left.get("next");
    rows(left, "sets").stream()
        .sorted((a, b) -> depth(left, a) - depth(left, b))
        .forEach(r -> takeSet(allocator, r));
    allocator.sets.system(books.set((int) left.get("system")));
    takeMap(left, "generations").forEach((sid, count) -> books.generations.put(sid, count));
    rows(left, "ids").forEach(r -> takeId(allocator, r));
    rows(left, "leases").forEach(r -> takeLease(allocator, r));
    rows(left, "publishers").forEach(r -> takePublisher(books, r));
    books.count(Counter.TAKEN_OVER);
    Clients clients = new Clients(allocator, Relay.of(left.get("relay")));
    rows(left, "clients").forEach(r -> clients.known((long) r[0], (int) r[1], (String) r[2]));
    return clients;
  }

  @SuppressWarnings("unchecked")
  private static List<Object[]> rows(Map<String, Object> left, String name) {
    return (List<Object[]>) left.get(name);
  }

  @SuppressWarnings("unchecked")
  private static Map<Integer, Integer> takeMap(Map<String, Object> left, String name) {
    return (Map<Integer, Integer>) left.get(name);
  }

  /** Parents come before their children. */
  private static int depth(Map<String, Object> left, Object[] set) {
    int depth = 0;
    for (int at = (int) set[5]; at != 0; depth++) {
      int sid = at;
      at =
          rows(left, "sets").stream()
              .filter(r -> (int) r[0] == sid)
              .mapToInt(r -> (int) r[5])
              .findFirst()
              .orElse(0);
    }
    return depth;
  }

  private static void takeSet(Allocator allocator, Object[] r) {
    Books books = allocator.books;
    Handle<IoasidSet> handle = new Handle<>(IoasidSet.class, (int) r[0], (int) r[1], (long) r[2]);
    SetToken token = new SetToken((String) r[3], (long) r[4]);
    SetCore set = new SetCore(token, books.set((int) r[5]), handle, (int) r[8]);
    set.state = SetState.valueOf((String) r[7]);
    set.leases = (int) r[9];
    books.enter(set, (int) r[6]);
  }

  private static void takeId(Allocator allocator, Object[] r) {
    Books books = allocator.books;
    int id = (int) r[0];
    long word = (long) r[1];
    int guest = (int) r[2];
    SetCore set = books.set(StateWord.set(word));
    books.numbers.take(id);
    books.table.guest(id, guest);
    books.table.bindings(id, (int) r[3]);
    books.table.client(id, (int) r[4]);
    books.table.chooser(id, allocator.customs.former((String) r[5]));
    books.table.data(id, r[6]);
    books.table.word(id, word);
    set.ids.add(id);
    set.use(1);
    books.inUse++;
    if (guest >= 0 && StateWord.isUsable(word)) {
      set.guests.host(guest, id);
    }
    if (StateWord.state(word) == IoasidState.FREE_PENDING) {
      takeEnd(allocator, set, id, guest, word);
    }
  }

  /** Returning listeners have one time-out to come back; then they are waited for as ever. */
  private static void takeEnd(Allocator allocator, SetCore set, int id, int guest, long word) {
    Settlement end = new Settlement(set, "being freed", Ticket.NOBODY);
    end.freed.id = id;
    end.freed.guest = guest;
    end.freed.sequence = allocator.listeners.journal.last();
    end.reclaimed.id = id;
    allocator.books.table.hang(id, end);
    if (StateWord.isUnsettled(word)) {
      set.settle(1);
      end.inherited = true;
      allocator.listeners.deadlines.add(end, allocator.around.time().nanoTime());
    } else {
      end.told = true;
      end.advance(); // only leases keep it
    }
  }

  @SuppressWarnings("unchecked") // as leaveLeases wrote it
  private static void takeLease(Allocator allocator, Object[] r) {
    Books books = allocator.books;
    long now = allocator.around.time().nanoTime();
    LeaseCore lease =
        new LeaseCore((int) r[1], (int) r[2], (String) r[3], (int) r[4], now, (List<String>) r[5]);
    lease.number = (long) r[0];
    if (LeaseCore.isOfSet(lease.number)) {
      Leases.hangOnSet(books.set(lease.sid), lease);
    } else {
      books.table.hang(lease.id, lease);
    }
  }

  @SuppressWarnings("unchecked") // as leave(PublisherCore) wrote it
  private static void takePublisher(Books books, Object[] r) {
    PublisherCore publisher = new PublisherCore((long) r[0], (int) r[1], (String) r[2], (int) r[3]);
    ((Map<Integer, Integer>) r[4])
        .forEach(
            (id, count) -> {
              BindCore bind = new BindCore(publisher, id);
              bind.count = count;
              bind.hang(books.table);
            });
    books.publishers.put(publisher.number, publisher);
  }
}
