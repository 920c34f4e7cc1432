package org.ioasis.allocator.core;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.function.Supplier;
import org.ioasis.api.Handle;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.ioasid.IoasidInfo;
import org.ioasis.api.ioasid.IoasidSet;
import org.ioasis.api.ioasid.IoasidState;
import org.ioasis.api.ioasid.Pasid;
import org.ioasis.api.ioasid.SetInfo;
import org.ioasis.api.ioasid.SetState;
import org.ioasis.api.ioasid.SetToken;

/**
 * Capacity, sets and quotas. Always: the top-level quotas and the free rest are the capacity.
 *
 * <p><b>Threading:</b> any thread; the books' lock inside.
 */
final class Sets {
  static final SetToken SYSTEM = new SetToken("system", 0);
  private static final int OPTIMISTIC_TRIES = 3;
  private static final int BATCH = 64;

  private final Allocator allocator;
  private final Books books;
  private SetCore system;

  Sets(Allocator allocator) {
    this.allocator = allocator;
    this.books = allocator.books;
  }

  SetCore system() {
    return system;
  }

  void system(SetCore set) {
    system = set;
  }

  SetCore openSystem(int quota) {
    system = allocator.locked(() -> books.open(SYSTEM, null, quota, 0));
    return system;
  }

  Void install(int total) {
    return allocator.locked(
        () -> {
          if (books.counted(Counter.ALLOCATED) > 0 || books.inUse > 0) {
            throw new IoasisException(
                Reason.BUSY,
                "capacity %d refused: ids have been allocated; resize it instead".formatted(total));
          }
          return setTotal(total);
        });
  }

  Void resize(int total) {
    return allocator.locked(() -> setTotal(total));
  }

  private Void setTotal(int total) {
    books.checkLive();
    if (total < 1 || total > 1 << Pasid.MAX_BITS) {
      throw new IoasisException(
          Reason.INVALID, "capacity %d refused: it is not 1 to 2^20".formatted(total));
    }
    if (books.quotas > total - Books.RESERVED) {
      throw new IoasisException(
          Reason.BUSY,
          "capacity %d refused: quotas are %d and %d is reserved; adjust sets first"
              .formatted(total, books.quotas, Books.RESERVED));
    }
    for (SetCore set : books.sets) {
      int high = set == null ? -1 : set.ids.next(total);
      if (high >= 0) {
        throw new IoasisException(
            Reason.BUSY,
            "capacity %d refused: %s of %s is in use".formatted(total, new Pasid(high), set));
      }
    }
    if (total < books.total) {
      books.numbers.shut(Math.max(total, Books.RESERVED), books.total);
    } else {
      books.numbers.open(Math.max(books.total, Books.RESERVED), total);
    }
    books.total = total;
    return null;
  }

  SetCore allocate(SetToken token, SetCore parent, int quota, int client) {
    return allocator.locked(
        () -> {
          books.checkLive();
          if (parent != null) {
            Allocator.checkActive(parent, "child set " + token);
          }
          return books.open(token, parent, quota, client);
        });
  }

  SetCore resolve(Handle<IoasidSet> handle) {
    return allocator.locked(
        () -> {
          books.checkLive();
          SetCore set = books.set(handle.id());
          if (set == null || !set.handle.equals(handle)) {
            throw new IoasisException(
                Reason.NOT_FOUND, handle + " refused: the set was destroyed or never was");
          }
          return set;
        });
  }

  boolean adjust(SetCore set, Integer expected, int quota, String cause) {
    Ticket ticket = new Ticket(Ticket.Kind.ADJUST, cause);
    boolean changed =
        allocator.locked(
            () -> {
              books.checkLive();
              if (expected != null && expected != set.quota) {
                return false;
              }
              Map<SetCore, Integer> wanted = Map.of(set, quota);
              check(wanted);
              apply(set, quota, ticket);
              return true;
            });
    if (changed) {
      allocator.listeners.tell(ticket);
    }
    return changed;
  }

  void rebalance(Map<Handle<IoasidSet>, Integer> quotas, String cause) {
    Map<SetCore, Integer> wanted = new LinkedHashMap<>();
    quotas.forEach((handle, quota) -> wanted.put(resolve(handle), quota));
    List<Ticket> tickets = new ArrayList<>();
    allocator.locked(
        () -> {
          books.checkLive();
          check(wanted);
          wanted.forEach(
              (set, quota) -> {
                Ticket ticket = new Ticket(Ticket.Kind.ADJUST, cause);
                tickets.add(ticket);
                apply(set, quota, ticket);
              });
          return null;
        });
    tickets.forEach(allocator.listeners::tell);
  }

  /** Under the lock: whether all books are right with these quotas. */
  private void check(Map<SetCore, Integer> wanted) {
    Map<SetCore, Integer> children = new HashMap<>();
    long top = books.quotas;
    for (Map.Entry<SetCore, Integer> entry : wanted.entrySet()) {
      SetCore set = entry.getKey();
      int more = entry.getValue() - set.quota;
      Allocator.checkActive(set, "quota " + entry.getValue());
      if (set.parent == null) {
        top += more;
      } else {
        children.merge(set.parent, more, Integer::sum);
      }
    }
    for (Map.Entry<SetCore, Integer> entry : wanted.entrySet()) {
      SetCore set = entry.getKey();
      int used = set.inUse + set.childQuota + children.getOrDefault(set, 0);
      if (entry.getValue() < used) {
        throw new IoasisException(
            Reason.BUSY,
            "quota %d of %s refused: %d are in use or child sets'"
                .formatted(entry.getValue(), set, used));
      }
    }
    for (Map.Entry<SetCore, Integer> entry : children.entrySet()) {
      SetCore parent = entry.getKey();
      int quota = wanted.getOrDefault(parent, parent.quota);
      if (parent.inUse + parent.childQuota + entry.getValue() > quota) {
        throw exhausted(parent.toString(), parent.room());
      }
    }
    if (top > books.total - Books.RESERVED) {
      throw exhausted("the capacity", books.room(null));
    }
  }

  private static IoasisException exhausted(String where, int left) {
    return new IoasisException(
        Reason.EXHAUSTED, "quota refused: %s has only %d left".formatted(where, left));
  }

  private void apply(SetCore set, int quota, Ticket ticket) {
    ticket.oldQuota = set.quota;
    ticket.newQuota = quota;
    books.addQuota(set.parent, quota - set.quota);
    set.quota = quota;
    allocator.listeners.append(ticket.of(set));
  }

  /** Frees all ids of a set, and ends it if asked; children first. */
  void clear(SetCore set, boolean destroy, String cause) {
    if (destroy && set == system) {
      throw new IoasisException(
          Reason.DENIED, "destroy refused: " + set + " is the system set; clear it instead");
    }
    List<SetCore> inside = new ArrayList<>();
    boolean begun =
        allocator.locked(
            () -> {
              books.checkLive();
              if (set.ended || set.state == SetState.DESTROY_PENDING) {
                return false;
              }
              if (destroy) {
                set.state = SetState.DESTROY_PENDING;
                books.sets.stream().filter(s -> s != null && s.parent == set).forEach(inside::add);
              }
              set.enter(1); // stays until all is told
              return true;
            });
    if (!begun) {
      return;
    }
    inside.forEach(child -> clear(child, true, cause));
    freeAll(set, cause);
    Ticket ticket = new Ticket(Ticket.Kind.SET_FREE, cause);
    ticket.destroyed = destroy;
    allocator.locked(
        () -> {
          set.enter(-1);
          allocator.listeners.append(ticket.of(set));
          books.endIfPossible(set);
          return null;
        });
    allocator.listeners.tell(ticket);
  }

  /** Frees the ids of a set, a batch looked up under the lock at a time. */
  private void freeAll(SetCore set, String cause) {
    int[] ids = new int[BATCH];
    int[] generations = new int[BATCH];
    int count = BATCH;
    for (int from = 0; count == BATCH; from = ids[BATCH - 1] + 1) {
      int first = from;
      count = allocator.locked(() -> usable(set, first, ids, generations));
      for (int i = 0; i < count; i++) {
        allocator.endings.freeSame(set, ids[i], generations[i], cause);
      }
    }
  }

  private int usable(SetCore set, int from, int[] ids, int[] generations) {
    int count = 0;
    int id = set.ids.next(from);
    while (id >= 0 && count < BATCH) {
      long word = books.table.word(id);
      if (StateWord.isUsable(word)) {
        ids[count] = id;
        generations[count++] = StateWord.generation(word);
      }
      id = set.ids.next(id + 1);
    }
    return count;
  }

  /** The set of an id; null if it is free. */
  SetCore of(int id) {
    long word = books.table.word(id);
    return StateWord.state(word) == IoasidState.FREE ? null : books.set(StateWord.set(word));
  }

  /**
   * All ids of a set as of one moment: read without the lock and compared with it, or, if the set
   * does not hold still, copied under it.
   */
  List<IoasidInfo> snapshot(SetCore set) {
    for (int i = 0; i < OPTIMISTIC_TRIES; i++) {
      long before = allocator.locked(() -> set.changes);
      SetCopy copy = new SetCopy(set.inUse);
      boolean whole = copy.read(books.table, set);
      if (whole && allocator.locked(() -> set.changes) == before) {
        return copy.infos();
      }
    }
    SetCopy copy = new SetCopy(set.inUse);
    while (!allocator.locked(copyOf(copy, set))) {
      copy = new SetCopy(set.inUse + BATCH); // it grew meanwhile
    }
    return copy.infos();
  }

  private Supplier<Boolean> copyOf(SetCopy copy, SetCore set) {
    return () -> copy.read(books.table, set);
  }

  List<SetInfo> infos() {
    return allocator.locked(
        () ->
            books.sets.stream()
                .filter(Objects::nonNull)
                .map(
                    s ->
                        new SetInfo(
                            s.sid,
                            s.token,
                            s.parent == null ? OptionalInt.empty() : OptionalInt.of(s.parent.sid),
                            s.state,
                            s.quota,
                            s.inUse,
                            s.childQuota))
                .toList());
  }
}
