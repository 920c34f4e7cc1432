package org.ioasis.allocator.core;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.ioasid.AllocationRequest;
import org.ioasis.api.ioasid.IdBound;
import org.ioasis.api.ioasid.IoasidInfo;
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
  private static final int BATCH = 64;
  private static final int SHOWN = 8;

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
    BooleanSupplier drained =
        () -> (set.entering == 0 && set.unsettled == 0) || set.state != SetState.FROZEN;
    long patience = allocator.around.acknowledgeNanos() * (Settlement.STAGES + 1);
    boolean ended = allocator.around.time().await(drained, patience);
    allocator.locked(
        () -> {
          books.checkLive();
          if (set.state != SetState.FROZEN) {
            throw new IoasisException(
                Reason.BUSY, "freeze refused: %s became %s meanwhile".formatted(set, set.state));
          }
          if (!ended) {
            set.state = SetState.ACTIVE;
            throw new IoasisException(
                Reason.TIMED_OUT,
                "freeze refused: %s has %d calls under way and %d ids being freed"
                    .formatted(set, set.entering, set.unsettled));
          }
          return null;
        });
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

  /** The content, each id as of one moment; an id that is freed meanwhile is in it or not. */
  SetExport export(SetCore set) {
    allocator.locked(
        () -> {
          books.checkLive();
          if (set.state != SetState.FROZEN) {
            throw new IoasisException(
                Reason.BUSY, "export refused: %s is %s; freeze it first".formatted(set, set.state));
          }
          set.state = SetState.EXPORTED;
          return null;
        });
    List<SetExport.Entry> entries = new ArrayList<>();
    for (IoasidInfo info : allocator.sets.snapshot(set)) {
      if (info.state() != IoasidState.FREE_PENDING) {
        int guest = info.guestId().orElse(-1);
        entries.add(new SetExport.Entry(info.id().value(), guest, info.bindings()));
      }
    }
    return new SetExport(SetExport.VERSION, set.token, set.quota, entries);
  }

  /** Makes a set of an export, all or nothing: numbers first, then ids, a batch at a time. */
  SetCore importSet(SetExport export, boolean keep, List<IdBound> bounds, int client) {
    check(export, keep, bounds);
    List<Allocations.Choice> choices =
        export.entries().stream().map(entry -> choice(entry, keep, bounds)).toList();
    SetCore set = allocator.sets.allocate(export.token(), null, export.quota(), client);
    boolean done = false;
    try {
      if (allocator.customs.isPresent()) {
        choices.forEach(allocator.allocations::chooseCustom);
      }
      List<String> taken = new ArrayList<>();
      batches(choices, batch -> batch.forEach(choice -> take(choice, taken)));
      if (!taken.isEmpty()) {
        throw keep ? collision(export, taken) : exhausted(export, taken);
      }
      done = true;
    } finally {
      if (!done) {
        batches(choices, batch -> batch.forEach(allocator.allocations::letGo));
        allocator.locked(() -> end(set));
      }
    }
    enter(set, choices, client);
    return set;
  }

  private Void end(SetCore set) {
    set.state = SetState.DESTROY_PENDING;
    books.endIfPossible(set);
    return null;
  }

  private void batches(
      List<Allocations.Choice> choices, Consumer<List<Allocations.Choice>> action) {
    for (int from = 0; from < choices.size(); from += BATCH) {
      var batch = choices.subList(from, Math.min(choices.size(), from + BATCH));
      allocator.locked(
          () -> {
            action.accept(batch);
            return null;
          });
    }
  }

  /** Under the lock. */
  private void take(Allocations.Choice choice, List<String> taken) {
    if (choice.id >= 0) {
      return; // somebody else chose it, and it was taken then
    }
    int id = books.numbers.lowest(choice.min, Math.min(choice.max, books.total - 1));
    if (id < 0) {
      taken.add(choice.min == choice.max ? new Pasid(choice.min).toString() : named(choice));
      return;
    }
    books.numbers.take(id);
    choice.id = id;
  }

  private static String named(Allocations.Choice choice) {
    OptionalInt guest = choice.request.guestId();
    return guest.isPresent() ? "guest id 0x%x".formatted(guest.getAsInt()) : "an id";
  }

  private void enter(SetCore set, List<Allocations.Choice> choices, int client) {
    for (int from = 0; from < choices.size(); from += BATCH) {
      var batch = choices.subList(from, Math.min(choices.size(), from + BATCH));
      List<Ticket> tickets =
          batch.stream().map(choice -> new Ticket(Ticket.Kind.ALLOC, "imported")).toList();
      allocator.locked(
          () -> {
            for (int i = 0; i < batch.size(); i++) {
              Allocations.Choice choice = batch.get(i);
              set.use(1);
              books.inUse++;
              books.count(Counter.ALLOCATED);
              allocator.allocations.enter(set, choice, client);
              int guest = choice.request.guestId().orElse(-1);
              allocator.listeners.append(tickets.get(i).of(set, choice.id, guest));
            }
            return null;
          });
      tickets.forEach(allocator.listeners::tell);
    }
  }

  private Allocations.Choice choice(SetExport.Entry entry, boolean keep, List<IdBound> bounds) {
    AllocationRequest request = AllocationRequest.within(bounds);
    if (entry.guest() >= 0) {
      request = request.as(entry.guest());
    }
    int max = bounds.stream().mapToInt(IdBound::max).min().orElse(request.max());
    return keep
        ? new Allocations.Choice(entry.host(), entry.host(), request)
        : new Allocations.Choice(Books.RESERVED, max, request);
  }

  private static IoasisException collision(SetExport export, List<String> taken) {
    return new IoasisException(
        Reason.EXISTS,
        "import of %s refused: %s taken or beyond the capacity; import with new numbers"
            .formatted(export.token(), some(taken)));
  }

  private static IoasisException exhausted(SetExport export, List<String> without) {
    return new IoasisException(
        Reason.EXHAUSTED,
        "import of %s refused: no number is left for %s".formatted(export.token(), some(without)));
  }

  private static String some(List<String> names) {
    int more = names.size() - SHOWN;
    return String.join(", ", names.subList(0, Math.min(SHOWN, names.size())))
        + (more > 0 ? " and %d more".formatted(more) : "");
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
