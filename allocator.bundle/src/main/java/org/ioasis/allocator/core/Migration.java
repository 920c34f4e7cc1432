package org.ioasis.allocator.core;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.ioasid.AllocationRequest;
import org.ioasis.api.ioasid.IdBound;
import org.ioasis.api.ioasid.IoasidState;
import org.ioasis.api.ioasid.Pasid;
import org.ioasis.api.ioasid.SetExport;
import org.ioasis.api.ioasid.SetState;

/**
 * A set on its way to another platform: ACTIVE, FROZEN, EXPORTED.
 *
 * <p><b>Threading:</b> any thread; the books' lock inside.
 */
final class Migration {
  private final Allocator allocator;
  private final Books books;

  Migration(Allocator allocator) {
    this.allocator = allocator;
    this.books = allocator.books;
  }

  void freeze(SetCore set) {
    allocator.locked(
        () -> {
          books.checkLive();
          Allocator.checkActive(set, "freeze");
          set.state = SetState.FROZEN;
          return null;
        });
    BooleanSupplier drained = () -> set.entering == 0 && set.unsettled == 0;
    long patience = allocator.around.acknowledgeNanos() * (Settlement.STAGES + 1);
    if (!allocator.around.time().await(drained, patience)) {
      allocator.locked(() -> set.state = SetState.ACTIVE);
      throw new IoasisException(
          Reason.TIMED_OUT,
          "freeze refused: %s has %d calls under way and %d ids being freed"
              .formatted(set, set.entering, set.unsettled));
    }
  }

  void thaw(SetCore set) {
    allocator.locked(
        () -> {
          books.checkLive();
          if (set.state == SetState.DESTROY_PENDING) {
            throw new IoasisException(
                Reason.BUSY, "thaw refused: %s is being destroyed".formatted(set));
          }
          set.state = SetState.ACTIVE;
          return null;
        });
  }

  SetExport export(SetCore set) {
    return allocator.locked(
        () -> {
          books.checkLive();
          if (set.state != SetState.FROZEN) {
            throw new IoasisException(
                Reason.BUSY, "export refused: %s is %s; freeze it first".formatted(set, set.state));
          }
          List<SetExport.Entry> entries = new ArrayList<>();
          set.ids.forEach(
              id -> {
                if (StateWord.state(books.table.word(id)) != IoasidState.FREE_PENDING) {
                  entries.add(
                      new SetExport.Entry(id, books.table.guest(id), books.table.bindings(id)));
                }
                return true;
              });
          set.state = SetState.EXPORTED;
          return new SetExport(SetExport.VERSION, set.token, set.quota, entries);
        });
  }

  /** Makes a set of an export, all or nothing. */
  SetCore importSet(SetExport export, boolean keep, List<IdBound> bounds, int client) {
    check(export, keep, bounds);
    List<Allocator.Choice> choices = new ArrayList<>();
    SetCore set = allocator.sets.allocate(export.token(), null, export.quota(), client);
    List<Ticket> tickets = new ArrayList<>();
    try {
      if (allocator.customs.isPresent()) {
        for (SetExport.Entry entry : export.entries()) {
          Allocator.Choice choice = choice(entry, keep, bounds);
          allocator.chooseCustom(choice);
          choices.add(choice);
        }
      }
      allocator.locked(() -> commit(set, export, choices, keep, bounds, client, tickets));
    } catch (RuntimeException refused) {
      allocator.locked(() -> undo(set, choices));
      throw refused;
    }
    tickets.forEach(allocator.listeners::tell);
    return set;
  }

  private Void undo(SetCore set, List<Allocator.Choice> choices) {
    for (Allocator.Choice choice : choices) {
      if (choice.id >= 0) {
        books.numbers.release(choice.id);
        allocator.customs.giveBackLater(choice.chooser, choice.id);
      }
    }
    set.state = SetState.DESTROY_PENDING;
    books.endIfPossible(set);
    return null;
  }

  private Allocator.Choice choice(SetExport.Entry entry, boolean keep, List<IdBound> bounds) {
    AllocationRequest request = AllocationRequest.within(bounds);
    if (entry.guest() >= 0) {
      request = request.as(entry.guest());
    }
    int max = bounds.stream().mapToInt(IdBound::max).min().orElse(request.max());
    return keep
        ? new Allocator.Choice(entry.host(), entry.host(), request)
        : new Allocator.Choice(Books.RESERVED, max, request);
  }

  private Void commit(
      SetCore set,
      SetExport export,
      List<Allocator.Choice> choices,
      boolean keep,
      List<IdBound> bounds,
      int client,
      List<Ticket> tickets) {
    books.checkLive();
    if (choices.isEmpty()) {
      if (keep) {
        checkCollisions(export);
      }
      for (SetExport.Entry entry : export.entries()) {
        Allocator.Choice choice = choice(entry, keep, bounds);
        choices.add(choice);
        choice.id = books.numbers.lowest(choice.min, Math.min(choice.max, books.total - 1));
        if (choice.id < 0) {
          throw new IoasisException(
              Reason.EXHAUSTED,
              "import of %s refused: no number is left for guest id %d"
                  .formatted(export.token(), entry.guest()));
        }
        books.numbers.take(choice.id);
      }
    }
    for (Allocator.Choice choice : choices) {
      set.inUse++;
      books.inUse++;
      allocator.enter(set, choice, client);
      books.count(Counter.ALLOCATED);
      OptionalInt guest = choice.request.guestId();
      tickets.add(
          allocator.listeners.append(
              new Ticket(Ticket.Kind.ALLOC, "imported").of(set, choice.id, guest.orElse(-1))));
    }
    return null;
  }

  private void checkCollisions(SetExport export) {
    List<String> taken = new ArrayList<>();
    for (SetExport.Entry entry : export.entries()) {
      if (entry.host() >= books.total || !books.numbers.isFree(entry.host())) {
        taken.add(new Pasid(entry.host()).toString());
      }
    }
    if (!taken.isEmpty()) {
      int shown = Math.min(8, taken.size());
      throw new IoasisException(
          Reason.EXISTS,
          "import of %s refused: %s%s taken or beyond the capacity; import with new numbers"
              .formatted(
                  export.token(),
                  String.join(", ", taken.subList(0, shown)),
                  taken.size() > shown ? " and %d more".formatted(taken.size() - shown) : ""));
    }
  }

  private static void check(SetExport export, boolean keep, List<IdBound> bounds) {
    Set<Integer> hosts = new HashSet<>();
    Set<Integer> guests = new HashSet<>();
    boolean right =
        export.version() == SetExport.VERSION && export.entries().size() <= export.quota();
    for (SetExport.Entry entry : export.entries()) {
      right &= entry.host() >= Books.RESERVED && entry.host() < 1 << Pasid.MAX_BITS;
      right &= entry.guest() >= -1 && entry.guest() < 1 << Pasid.MAX_BITS;
      right &= hosts.add(entry.host());
      right &= entry.guest() < 0 || guests.add(entry.guest());
    }
    if (!right) {
      throw new IoasisException(
          Reason.MALFORMED,
          "import of %s refused: version %d, %d ids of quota %d, or an id out of range or twice"
              .formatted(
                  export.token(), export.version(), export.entries().size(), export.quota()));
    }
    if (keep) {
      export.entries().forEach(e -> bounds.forEach(b -> b.admit(new Pasid(e.host()))));
    }
  }
}
