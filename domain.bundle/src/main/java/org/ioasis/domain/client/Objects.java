package org.ioasis.domain.client;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.ioasis.api.Handle;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.domain.IoasService.Leak;

/**
 * The table of identities of everything the bundle makes for its clients: one name space of small,
 * reused ids, from 1, the lowest free one first.
 *
 * <p>An object <b>uses</b> others (a domain its space, a space the sources it maps). What is used
 * cannot be destroyed: BUSY, with the title of a user. When a client goes, its objects end in order
 * of dependency, users first; one that another client's object still uses stays without an owner
 * and ends with its last user.
 *
 * <p><b>Threading:</b> any thread. {@link #find} takes no lock; the rest a short one, which is
 * never held while an object's code runs.
 */
public final class Objects {
  private static final int MAX_LEAKS = 1000;

  /** One object. Guarded by the table's monitor, except what is final and {@link #dead}. */
  private static final class Entry {
    final Handle<?> handle;
    final Client owner;
    final long sequence;
    final List<String> where;
    final Map<Object, Integer> users = new HashMap<>(); // Entry or String, to how often
    final Set<Entry> uses = new LinkedHashSet<>();
    volatile Kept kept;
    volatile boolean dead;
    boolean ownerGone;

    Entry(Handle<?> handle, Client owner, long sequence, List<String> where) {
      this.handle = handle;
      this.owner = owner;
      this.sequence = sequence;
      this.where = where;
    }

    String title() {
      Kept object = kept;
      return object == null ? handle.toString() : object.title();
    }
  }

  private final LongSupplier secrets;
  private final boolean recordStacks;
  private final Map<Integer, Entry> entries = new ConcurrentHashMap<>();
  private final Map<Integer, Integer> generations = new HashMap<>();
  private final PriorityQueue<Integer> freeIds = new PriorityQueue<>();
  private final Deque<Leak> leaks = new ArrayDeque<>();
  private int nextId = 1;
  private long sequence;
  private boolean retired;

  /**
   * @param secrets random bits for handles
   * @param recordStacks whether objects remember where they were made
   */
  public Objects(LongSupplier secrets, boolean recordStacks) {
    this.secrets = secrets;
    this.recordStacks = recordStacks;
  }

  /**
   * Makes an object under a new handle.
   *
   * @param type contract that the handle stands for
   * @param owner who goes with it
   * @param maker makes the object; if it throws, the id is free again and nothing has happened
   * @return the object
   */
  public <T, K extends Kept> K enter(Class<T> type, Client owner, Function<Handle<T>, K> maker) {
    Entry entry;
    Handle<T> handle;
    synchronized (this) {
      checkLive();
      Integer free = freeIds.poll();
      int id = free == null ? nextId++ : free;
      handle = new Handle<>(type, id, generations.getOrDefault(id, 0), secrets.getAsLong());
      entry = new Entry(handle, owner, sequence++, recordStacks ? stack() : List.of());
      entries.put(id, entry);
    }
    boolean made = false;
    try {
      K object = maker.apply(handle);
      entry.kept = object;
      made = true;
      return object;
    } finally {
      if (!made) {
        synchronized (this) {
          entry.dead = true;
        }
        drop(handle);
      }
    }
  }

  private static List<String> stack() {
    return StackWalker.getInstance()
        .walk(
            frames ->
                frames
                    .map(Object::toString)
                    .filter(frame -> !frame.startsWith("org.ioasis.domain.client."))
                    .limit(24)
                    .collect(Collectors.toList()));
  }

  private void checkLive() {
    if (retired) {
      throw new IoasisException(
          Reason.GONE, "call refused: this instance of domain has ended; ask for the service anew");
    }
  }

  /**
   * The living object of a handle.
   *
   * @param kind class of the object
   * @throws IoasisException NOT_FOUND if it was destroyed, is another's secret or of another kind;
   *     GONE if this instance has handed over
   */
  public <K> K find(Handle<?> handle, Class<K> kind) {
    Entry entry = entries.get(handle.id());
    if (entry != null
        && !entry.dead
        && entry.handle.equals(handle)
        && kind.isInstance(entry.kept)) {
      return kind.cast(entry.kept);
    }
    if (retired) {
      checkLive();
    }
    throw notFound(handle);
  }

  private static IoasisException notFound(Handle<?> handle) {
    return new IoasisException(
        Reason.NOT_FOUND, "%s refused: it was destroyed or never was".formatted(handle));
  }

  /** All living objects of a class, in order of their making. */
  public synchronized <K> List<K> all(Class<K> kind) {
    return inOrder(entries.values()).stream()
        .filter(entry -> !entry.dead && kind.isInstance(entry.kept))
        .map(entry -> kind.cast(entry.kept))
        .toList();
  }

  private static List<Entry> inOrder(Collection<Entry> some) {
    return some.stream().sorted(Comparator.comparingLong(e -> e.sequence)).toList();
  }

  private Entry live(Handle<?> handle) {
    Entry entry = entries.get(handle.id());
    if (entry == null || entry.dead || !entry.handle.equals(handle)) {
      throw notFound(handle);
    }
    return entry;
  }

  /** The client an object belongs to. */
  public synchronized Client owner(Handle<?> handle) {
    return live(handle).owner;
  }

  /**
   * Notes that one object uses another, once more; {@code used} cannot be destroyed from now on.
   *
   * @throws IoasisException NOT_FOUND if either has ended
   */
  public synchronized void use(Handle<?> user, Handle<?> used) {
    Entry by = live(user);
    Entry of = live(used);
    of.users.merge(by, 1, Integer::sum);
    by.uses.add(of);
  }

  /** Takes one {@link #use} back. An object without an owner may end by that. */
  public void unuse(Handle<?> user, Handle<?> used) {
    Entry ending = null;
    synchronized (this) {
      Entry by = entries.get(user.id());
      Entry of = entries.get(used.id());
      if (by != null && of != null && by.handle.equals(user) && of.handle.equals(used)) {
        Integer left = of.users.computeIfPresent(by, (e, n) -> n > 1 ? n - 1 : null);
        if (left == null) {
          by.uses.remove(of);
          ending = orphan(of);
        }
      }
    }
    end(ending);
  }

  /**
   * Notes that something that is no object uses one, for example an open file.
   *
   * @param holder for messages
   */
  public synchronized void hold(Handle<?> used, String holder) {
    live(used).users.merge(holder, 1, Integer::sum);
  }

  /** Takes one {@link #hold} back. */
  public void unhold(Handle<?> used, String holder) {
    Entry ending = null;
    synchronized (this) {
      Entry of = entries.get(used.id());
      if (of != null && of.handle.equals(used)) {
        of.users.computeIfPresent(holder, (e, n) -> n > 1 ? n - 1 : null);
        ending = orphan(of);
      }
    }
    end(ending);
  }

  private Entry orphan(Entry entry) {
    if (entry.ownerGone && entry.users.isEmpty() && !entry.dead && entry.kept != null) {
      entry.dead = true;
      return entry;
    }
    return null;
  }

  /** Title of one that uses the object; empty if nobody does. */
  public synchronized Optional<String> user(Handle<?> used) {
    Entry entry = entries.get(used.id());
    return entry == null || !entry.handle.equals(used) ? Optional.empty() : userOf(entry);
  }

  private static Optional<String> userOf(Entry entry) {
    return entry.users.keySet().stream()
        .map(user -> user instanceof Entry by ? by.title() : user.toString())
        .sorted()
        .findFirst();
  }

  /**
   * Ends an object: it resolves no longer, its {@link Kept#end} runs, what it uses is let go, its
   * id is free.
   *
   * @throws IoasisException NOT_FOUND if it has ended; BUSY while something uses it, naming it
   */
  public void destroy(Handle<?> handle) {
    Entry entry = retire(handle);
    end(entry);
  }

  private synchronized Entry retire(Handle<?> handle) {
    checkLive();
    Entry entry = live(handle);
    Optional<String> user = userOf(entry);
    if (user.isPresent()) {
      throw new IoasisException(
          Reason.BUSY,
          "destroy refused: %s is used by %s; end that first".formatted(entry.title(), user.get()));
    }
    entry.dead = true;
    return entry;
  }

  private void end(Entry entry) {
    if (entry != null) {
      boolean ended = false;
      try {
        entry.kept.end();
        ended = !entry.kept.lingers();
      } catch (RuntimeException e) {
        ended = true;
        throw e;
      } finally {
        if (ended) {
          drop(entry.handle);
        }
      }
    }
  }

  /** The rest of an object that lingered after its end has gone: its id is free. */
  public void bury(Handle<?> handle) {
    Entry entry = entries.get(handle.id());
    if (entry != null && entry.dead) {
      drop(handle);
    }
  }

  /** Frees the id of a dead object and lets go what it used. */
  private void drop(Handle<?> handle) {
    List<Entry> ending = new ArrayList<>();
    synchronized (this) {
      Entry entry = entries.get(handle.id());
      if (entry == null || !entry.handle.equals(handle)) {
        return;
      }
      entries.remove(handle.id());
      generations.merge(handle.id(), 1, Integer::sum);
      freeIds.add(handle.id());
      for (Entry used : entry.uses) {
        used.users.remove(entry);
        Entry orphan = orphan(used);
        if (orphan != null) {
          ending.add(orphan);
        }
      }
      entry.uses.clear();
    }
    ending.forEach(this::end);
  }

  /**
   * A client has gone: what it had ends, users before what they use. What other clients' objects
   * use stays until they let go. Every object counts as a leak.
   */
  public void endClient(Client client) {
    synchronized (this) {
      if (retired) {
        return;
      }
      for (Entry entry : inOrder(entries.values())) {
        if (entry.owner.equals(client) && !entry.ownerGone && entry.kept != null) {
          entry.ownerGone = true;
          if (leaks.size() == MAX_LEAKS) {
            leaks.removeFirst();
          }
          leaks.addLast(new Leak(entry.title(), client.name(), entry.where));
        }
      }
    }
    for (Entry next = nextOrphan(client); next != null; next = nextOrphan(client)) {
      end(next);
    }
  }

  /** The youngest object of a client that has gone and that nothing uses. */
  private synchronized Entry nextOrphan(Client client) {
    Entry found = null;
    for (Entry entry : entries.values()) {
      if (entry.owner.equals(client)
          && entry.ownerGone
          && !entry.dead
          && entry.users.isEmpty()
          && (found == null || entry.sequence > found.sequence)) {
        found = entry;
      }
    }
    return found == null ? null : orphan(found);
  }

  /** Every client that has an object. */
  public synchronized List<Client> clients() {
    return entries.values().stream().map(entry -> entry.owner).distinct().toList();
  }

  /** What clients that are gone left behind, oldest first; the latest thousand. */
  public synchronized List<Leak> leaks() {
    return List.copyOf(leaks);
  }

  /** How many objects live. */
  public int size() {
    return entries.size();
  }

  // ------------------------------------------------------------------ hand-over

  /** Makes an object of what an earlier instance left of it. */
  @FunctionalInterface
  public interface Reviver {
    /**
     * The object.
     *
     * @param state what {@link Kept#leave} returned; what it used has been revived before
     * @return null if it cannot live on; its handle is dead then
     */
    Kept revive(Handle<?> handle, Client owner, Object state);
  }

  /**
   * Ends this instance: every further call is refused with GONE. Objects that leave nothing end,
   * users first; the others are left as they are, with everything outside that belongs to them.
   */
  public Map<String, Object> leave() {
    Map<Entry, Object> states = new LinkedHashMap<>();
    List<Entry> ending = new ArrayList<>();
    List<Entry> all;
    synchronized (this) {
      all = inOrder(entries.values());
    }
    for (Entry entry : all) {
      Object state = entry.kept == null ? null : entry.kept.leave();
      if (state != null) {
        states.put(entry, state);
      } else {
        ending.add(entry);
      }
    }
    endAll(ending);
    synchronized (this) {
      retired = true;
      states.keySet().removeIf(entry -> entry.dead && !entry.kept.lingers());
      Map<String, Object> left = new HashMap<>();
      left.put("sequence", sequence);
      left.put("generations", new HashMap<>(generations));
      List<Object[]> rows = new ArrayList<>();
      states.forEach((entry, state) -> rows.add(row(entry, state)));
      left.put("rows", rows);
      left.put("leaks", new ArrayList<>(leaks));
      entries.clear();
      return left;
    }
  }

  private static Object[] row(Entry entry, Object state) {
    Map<Integer, Integer> uses = new HashMap<>();
    entry.uses.forEach(used -> uses.put(used.handle.id(), used.users.get(entry)));
    return new Object[] {
      entry.handle,
      entry.owner.number(),
      entry.owner.name(),
      entry.sequence,
      entry.where,
      entry.ownerGone,
      uses,
      state,
      entry.dead
    };
  }

  /** Ends objects, each after its users. */
  private void endAll(List<Entry> ending) {
    List<Entry> left = new ArrayList<>(ending);
    boolean some = true;
    while (some && !left.isEmpty()) {
      some = false;
      for (int i = left.size() - 1; i >= 0; i--) {
        Entry entry = left.get(i);
        synchronized (this) {
          if (!entry.dead && (!entry.users.isEmpty() || entry.kept == null)) {
            continue;
          }
          left.remove(i);
          if (entry.dead) {
            continue;
          }
          entry.dead = true;
        }
        some = true;
        end(entry);
      }
    }
  }

  /**
   * Goes on with what another instance left; for an empty table that nobody knows yet.
   *
   * @param revivers by the contract that a handle stands for, in the order in which kinds are
   *     revived; within that, what is used comes before its users
   * @param clients makes the client of a number and name
   */
  @SuppressWarnings("unchecked")
  public void take(
      Map<String, Object> left,
      Map<Class<?>, Reviver> revivers,
      BiFunction<Long, String, Client> clients) {
    sequence = (long) left.get("sequence");
    generations.putAll((Map<Integer, Integer>) left.get("generations"));
    leaks.addAll((List<Leak>) left.get("leaks"));
    Map<Integer, Object[]> rows = new LinkedHashMap<>();
    List<Class<?>> order = List.copyOf(revivers.keySet());
    ((List<Object[]>) left.get("rows"))
        .stream()
            .sorted(Comparator.comparingInt(row -> order.indexOf(((Handle<?>) row[0]).type())))
            .forEach(row -> rows.put(((Handle<?>) row[0]).id(), row));
    while (!rows.isEmpty()) {
      Integer next =
          rows.keySet().stream()
              .filter(id -> uses(rows.get(id)).keySet().stream().noneMatch(rows::containsKey))
              .findFirst()
              .orElseThrow(() -> new IllegalStateException("objects use each other in a circle"));
      take(rows.remove(next), revivers, clients);
    }
    for (int id = nextId - 1; id >= 1; id--) {
      if (!entries.containsKey(id)) {
        freeIds.add(id);
      }
    }
  }

  @SuppressWarnings("unchecked")
  private static Map<Integer, Integer> uses(Object[] row) {
    return (Map<Integer, Integer>) row[6];
  }

  @SuppressWarnings("unchecked")
  private void take(
      Object[] row, Map<Class<?>, Reviver> revivers, BiFunction<Long, String, Client> clients) {
    Handle<?> handle = (Handle<?>) row[0];
    Client owner = clients.apply((long) row[1], (String) row[2]);
    Entry entry = new Entry(handle, owner, (long) row[3], (List<String>) row[4]);
    entry.ownerGone = (boolean) row[5];
    entry.dead = (boolean) row[8];
    nextId = Math.max(nextId, handle.id() + 1);
    Reviver reviver = revivers.get(handle.type());
    boolean usable = uses(row).keySet().stream().allMatch(entries::containsKey);
    entries.put(handle.id(), entry);
    entry.kept = reviver == null || !usable ? null : reviver.revive(handle, owner, row[7]);
    if (entry.kept == null) {
      entries.remove(handle.id());
      generations.merge(handle.id(), 1, Integer::sum);
      return;
    }
    uses(row)
        .forEach(
            (id, count) -> {
              Entry used = entries.get(id);
              used.users.put(entry, count);
              entry.uses.add(used);
            });
  }
}
