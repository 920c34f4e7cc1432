package org.ioasis.allocator.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.ioasis.api.Handle;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.ioasid.Capacity;
import org.ioasis.api.ioasid.IdBound;
import org.ioasis.api.ioasid.IoasidHolder;
import org.ioasis.api.ioasid.IoasidService;
import org.ioasis.api.ioasid.IoasidSet;
import org.ioasis.api.ioasid.Pasid;
import org.ioasis.api.ioasid.SetExport;
import org.ioasis.api.ioasid.SetInfo;
import org.ioasis.api.ioasid.SetToken;

/**
 * One bundle's view of the allocator. What came to be through it goes with it.
 *
 * <p><b>Threading:</b> any thread; {@code gone} is set once.
 */
public final class Client implements IoasidService {
  private final Clients clients;
  private final Allocator allocator;
  private final int number;
  private final String name;
  final String allocates;
  final String frees;
  private volatile boolean gone;

  Client(Clients clients, int number, String name) {
    this.clients = clients;
    this.allocator = clients.allocator();
    this.number = number;
    this.name = name;
    this.allocates = "allocated by " + name;
    this.frees = "freed by " + name;
  }

  /** Refuses what would outlive a bundle that has gone. */
  void checkHere() {
    if (gone) {
      throw new IoasisException(
          Reason.GONE, name + " refused: it no longer uses the allocator; get the service again");
    }
  }

  Allocator allocator() {
    return allocator;
  }

  int number() {
    return number;
  }

  /** Symbolic name of the bundle. */
  public String name() {
    return name;
  }

  String nameOf(int client) {
    return clients.name(client);
  }

  @Override
  public void installCapacity(int total) {
    allocator.sets.install(total);
  }

  @Override
  public void resizeCapacity(int total) {
    allocator.sets.resize(total);
  }

  @Override
  public Capacity capacity() {
    return allocator.locked(allocator.books::capacity);
  }

  @Override
  public IoasidSet systemSet() {
    return view(allocator.sets.system());
  }

  IoasidSet view(SetCore set) {
    return new SetView(this, set);
  }

  @Override
  public IoasidSet allocateSet(SetToken token, int quota) {
    checkHere();
    return view(allocator.sets.allocate(token, null, quota, number));
  }

  @Override
  public IoasidSet set(Handle<IoasidSet> handle) {
    return view(allocator.sets.resolve(handle));
  }

  /**
   * A set by its number: for the platform's own command, whose user may do everything.
   *
   * @throws org.ioasis.api.IoasisException NOT_FOUND if there is none
   */
  public IoasidSet setByNumber(int sid) {
    SetCore set = allocator.locked(() -> allocator.books.set(sid));
    if (set == null) {
      throw new org.ioasis.api.IoasisException(
          org.ioasis.api.Reason.NOT_FOUND,
          "set %d refused: there is none; ioasid sets lists them".formatted(sid));
    }
    return view(set);
  }

  @Override
  public OptionalInt findSet(Pasid id) {
    SetCore set = allocator.locked(() -> allocator.sets.of(id.value()));
    return set == null ? OptionalInt.empty() : OptionalInt.of(set.sid);
  }

  @Override
  public SetLease leaseSetOf(Pasid id) {
    checkHere();
    LeaseCore core = allocator.leases.takeSetOf(id.value(), number);
    Handle<IoasidSet> handle = allocator.locked(() -> allocator.books.set(core.sid).handle);
    return new SetLease() {
      @Override
      public Handle<IoasidSet> set() {
        return handle;
      }

      @Override
      public void close() {
        closeLease(core);
      }
    };
  }

  @Override
  public void rebalance(Map<Handle<IoasidSet>, Integer> quotas) {
    allocator.sets.rebalance(quotas, "rebalanced by " + name);
  }

  @Override
  public IoasidSet importSet(SetExport export, boolean keepNumbers, List<IdBound> bounds) {
    checkHere();
    return view(new Migration(allocator).importSet(export, keepNumbers, bounds, number));
  }

  @Override
  public List<IoasidHolder> holders() {
    return allocator.leases.list().stream()
        .map(
            lease ->
                new IoasidHolder(
                    new Pasid(lease.id),
                    lease.sid,
                    lease.holder,
                    clients.name(lease.client),
                    lease.sinceNanos,
                    lease.where))
        .toList();
  }

  @Override
  public List<SetInfo> sets() {
    return allocator.sets.infos();
  }

  @Override
  public Map<String, Long> counters() {
    Map<String, Long> counters = new TreeMap<>();
    allocator.locked(
        () -> {
          for (Counter counter : Counter.values()) {
            counters.put(counter.text(), allocator.books.counted(counter));
          }
          return null;
        });
    return counters;
  }

  void closeLease(LeaseCore lease) {
    clients.closeLease(lease);
  }

  void closePublisher(PublisherCore publisher) {
    clients.closePublisher(publisher.number);
  }

  /** This view is not used any more. */
  void leave() {
    gone = true;
  }

  /** The bundle has gone: leases, bindings, ids and sets go too, in this order. */
  void end() {
    String cause = name + " has gone";
    Books books = allocator.books;
    allocator.leases.list().stream()
        .filter(lease -> lease.client == number)
        .forEach(allocator.leases::close);
    List<Long> publishers = new ArrayList<>();
    List<SetCore> sets = new ArrayList<>();
    allocator.locked(
        () -> {
          books.publishers.values().stream()
              .filter(p -> p.client == number)
              .forEach(p -> publishers.add(p.number));
          books.sets.stream().filter(s -> s != null && s.client == number).forEach(sets::add);
          return null;
        });
    publishers.forEach(p -> allocator.bindings.close(p, cause));
    endIds(books, cause);
    sets.forEach(set -> allocator.sets.clear(set, true, cause));
  }

  private void endIds(Books books, String cause) {
    int[] ids = new int[IdScan.CHUNK];
    int[] generations = new int[IdScan.CHUNK];
    SetCore[] sets = new SetCore[IdScan.CHUNK];
    int[] count = {0};
    IdScan.each(
        books,
        (id, word) -> {
          if (books.table.client(id) == number && StateWord.isUsable(word)) {
            ids[count[0]] = id;
            generations[count[0]] = StateWord.generation(word);
            sets[count[0]++] = books.set(StateWord.set(word));
          }
        },
        () -> {
          for (; count[0] > 0; count[0]--) {
            int i = count[0] - 1;
            allocator.endings.freeSame(sets[i], ids[i], generations[i], cause);
          }
        });
  }
}
