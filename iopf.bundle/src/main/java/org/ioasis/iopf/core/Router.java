package org.ioasis.iopf.core;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.ioasis.api.Handle;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.device.RoutingKey;
import org.ioasis.api.domain.Domain;
import org.ioasis.api.driver.FaultSink;
import org.ioasis.api.driver.IommuDriver;
import org.ioasis.api.fault.DrainReport;
import org.ioasis.api.fault.DrainScope;
import org.ioasis.api.fault.FaultHandler;
import org.ioasis.api.fault.FaultObserver;
import org.ioasis.api.fault.FaultOrigin;
import org.ioasis.api.fault.FaultReportListener;
import org.ioasis.api.fault.FaultRouter;
import org.ioasis.api.fault.Route;
import org.ioasis.api.fault.RoutingTable;

/**
 * The router of page faults: what all devices have in common. The owner of the drivers comes and
 * goes; handlers, queues and rules stay.
 *
 * <p><b>Threading:</b> any thread; the origin is changed by one thread at a time.
 */
public final class Router implements FaultRouter {
  /** How long a drain waits for a driver that is just sending an answer. */
  private static final long DRAIN_NANOS = 1_000_000_000L;

  /** The owner of the drivers with the time-outs that run on its time. */
  private record Bound(FaultOrigin origin, TimeWheel wheel) {}

  private final Surroundings around;
  private final Counters counters = new Counters();
  private final Timeouts timeouts;
  private final Handlers handlers = new Handlers();
  private final Observers observers;
  private final Queues queues;
  private final Reports reports;
  private final Map<Integer, Lane> lanes = new ConcurrentHashMap<>();
  private final Map<String, UnitSink> sinks = new ConcurrentHashMap<>();
  private final Lane stray;
  private volatile Routes routes = Routes.NONE;
  private volatile Bound bound;
  private volatile boolean closed;

  /** A router that knows nobody yet. */
  public Router(Surroundings around) {
    this.around = around;
    this.timeouts = new Timeouts(around.settings().timeoutNanos());
    this.observers = new Observers(this);
    this.queues = new Queues(this);
    this.reports = new Reports(this);
    this.stray = new Lane(this, -1);
  }

  Surroundings around() {
    return around;
  }

  Watcher watcher() {
    return around.watcher();
  }

  Counters counters() {
    return counters;
  }

  Timeouts timeouts() {
    return timeouts;
  }

  Handlers handlers() {
    return handlers;
  }

  Observers observers() {
    return observers;
  }

  Queues queues() {
    return queues;
  }

  Reports reports() {
    return reports;
  }

  /** The owner of the drivers; null if there is none. */
  FaultOrigin origin() {
    Bound now = bound;
    return now == null ? null : now.origin();
  }

  /** The time-outs; null without an owner of the drivers. */
  TimeWheel wheel() {
    Bound now = bound;
    return now == null ? null : now.wheel();
  }

  boolean isClosed() {
    return closed;
  }

  /** An owner of drivers has come. */
  public void setOrigin(FaultOrigin origin) {
    FaultOrigin old = origin();
    if (old != null) {
      unsetOrigin(old);
    }
    bound = new Bound(origin, new TimeWheel(origin.time()));
  }

  /**
   * It has gone. What is open is answered through it as long as it answers; what comes in between
   * can be answered by nobody and is counted. Another owner is left alone.
   */
  public void unsetOrigin(FaultOrigin origin) {
    Bound old = bound;
    if (old == null || old.origin() != origin) {
      return;
    }
    closeAll(Ending.ORIGIN_GONE);
    bound = null;
    routes = Routes.NONE;
    old.wheel().close();
    closeAll(Ending.ORIGIN_GONE);
  }

  private DrainReport closeAll(Ending how) {
    return drain(lanes.values(), group -> true, partial -> true, how);
  }

  /** The routes now, with their index. */
  @SuppressWarnings("ReferenceEquality") // an equal table that is another one is indexed anew
  Routes routes() {
    FaultOrigin origin = origin();
    if (origin == null) {
      return Routes.NONE;
    }
    RoutingTable table = origin.routes();
    Routes index = routes;
    if (index.table() != table) {
      index = new Routes(table);
      routes = index;
    }
    return index;
  }

  /** Where a fault goes now; null if nowhere. */
  Route route(int sourceId, int pasid) {
    return routes().serving(sourceId, pasid);
  }

  Lane lane(int sourceId) {
    Lane lane = lanes.get(sourceId);
    return lane != null ? lane : lanes.computeIfAbsent(sourceId, id -> new Lane(this, id));
  }

  Lane laneIfThere(int sourceId) {
    return lanes.get(sourceId);
  }

  /** The answers to sources that nothing was ever routed for. */
  Lane stray() {
    return stray;
  }

  Collection<Lane> lanes() {
    return lanes.values();
  }

  void cancel(TimeWheel.Due due) {
    TimeWheel wheel = wheel();
    if (wheel != null) {
      wheel.cancel(due);
    }
  }

  /** Counts an end. */
  void count(GroupCore group, Ending how) {
    if (how.told()) {
      counters.count(
          switch (how.response()) {
            case SUCCESS -> Counter.SUCCESS;
            case INVALID -> Counter.INVALID;
            case FAILURE -> Counter.FAILURE;
          });
    }
    if (how.counter() != null) {
      counters.count(how.counter());
    }
  }

  /** Tells those who look on of an end. */
  void tell(GroupCore group, Ending how) {
    observers.answered(group, how);
    TimeWheel wheel = wheel();
    long now = wheel == null ? group.bornNanos : wheel.time().nanoTime();
    watcher().answered(group.faults(), how.response(), how.by(), now - group.bornNanos);
  }

  @Override
  public FaultSink sink(String unitId) {
    return sinks.computeIfAbsent(unitId, id -> new UnitSink(this, id));
  }

  @Override
  public DrainReport drain(DrainScope scope) {
    RoutingKey key = scope.key();
    Lane only = key == null ? null : lanes.get(key.sourceId());
    Collection<Lane> all = key == null ? lanes.values() : only == null ? List.of() : List.of(only);
    return drain(all, group -> covers(scope, group), part -> covers(scope, part), Ending.DRAIN);
  }

  private DrainReport drain(
      Collection<Lane> all, Predicate<GroupCore> groups, Predicate<Partial> parts, Ending how) {
    int answered = 0;
    int ended = 0;
    int incomplete = 0;
    for (Lane lane : all) {
      DrainReport one = lane.drain(groups, parts, how);
      answered += one.answered();
      ended += one.closed();
      incomplete += one.incomplete();
    }
    all.forEach(lane -> flush(lane.outbox()));
    return new DrainReport(answered, ended, 0, incomplete);
  }

  /** Sends what waits; waits for a thread that is just sending, never for one of the pool. */
  private void flush(Outbox box) {
    TimeWheel wheel = wheel();
    if (!box.isQuiet() && !isSent(box) && wheel != null) {
      wheel.time().await(() -> isSent(box), DRAIN_NANOS);
    }
  }

  private static boolean isSent(Outbox box) {
    box.runHere();
    return box.isQuiet();
  }

  /**
   * Empties the hardware's queues for a scope first, as a user's drain has to.
   *
   * @see org.ioasis.api.fault.FaultService#drain
   */
  DrainReport drainWithHardware(DrainScope scope) {
    FaultOrigin origin = origin();
    if (origin != null) {
      for (Route route : routes().table().routes()) {
        if (covers(scope, route)) {
          emptyHardware(origin, route);
        }
      }
    }
    return drain(scope);
  }

  private static void emptyHardware(FaultOrigin origin, Route route) {
    int pasid = route.everyPasid() ? IommuDriver.ALL_PASIDS : route.key().pasid();
    try {
      origin.drain(route.key().sourceId(), pasid);
    } catch (IoasisException e) {
      if (e.reason() != Reason.GONE) {
        throw e; // a device that no unit serves now has nothing queued
      }
    }
  }

  @Override
  public int open(DrainScope scope) {
    int count = 0;
    for (Lane lane : lanes.values()) {
      count += lane.open(group -> covers(scope, group)).size();
    }
    return count;
  }

  private static boolean covers(DrainScope scope, Route route) {
    return coversDomain(scope, route.domain()) && coversKey(scope, route.key());
  }

  /** By where the group came from, or by the route it took. */
  private static boolean covers(DrainScope scope, GroupCore group) {
    return coversDomain(scope, group.domain())
        && (coversKey(scope, group.place()) || coversKey(scope, group.route.key()));
  }

  /** Incomplete groups have no route yet; the one that serves them now counts. */
  private boolean covers(DrainScope scope, Partial partial) {
    int source = partial.lane.sourceId();
    Route route = route(source, partial.pasid);
    boolean domain =
        scope.domain() == null || (route != null && scope.domain().equals(route.domain()));
    return domain
        && (coversKey(scope, new RoutingKey(source, partial.pasid))
            || (route != null && coversKey(scope, route.key())));
  }

  private static boolean coversDomain(DrainScope scope, Handle<Domain> domain) {
    return scope.domain() == null || scope.domain().equals(domain);
  }

  private static boolean coversKey(DrainScope scope, RoutingKey key) {
    RoutingKey wanted = scope.key();
    return wanted == null
        || wanted.equals(key)
        || (wanted.pasid() == IommuDriver.ALL_PASIDS && wanted.sourceId() == key.sourceId());
  }

  /**
   * A handler for a page table.
   *
   * @param domain identity of the page table
   * @param name for people
   * @param ranking the higher comes first
   * @param serviceId names it; among equals the lower comes first
   */
  public void addHandler(
      FaultHandler handler, int domain, String name, int ranking, long serviceId) {
    Objects.requireNonNull(handler, "handler");
    handlers.add(new HandlerEntry(handler, name, domain, ranking, serviceId));
  }

  /** It has gone: the groups it has not answered are answered INVALID. */
  public void removeHandler(long serviceId) {
    HandlerEntry entry = handlers.remove(serviceId);
    if (entry != null) {
      for (Lane lane : lanes.values()) {
        lane.drain(group -> group.handler == entry, partial -> false, Ending.HANDLER_GONE);
      }
    }
  }

  /**
   * Somebody looks on.
   *
   * @param domain identity of a page table, or empty for all
   */
  public void addObserver(FaultObserver observer, Optional<Integer> domain, String name) {
    observers.add(observer, domain.orElse(Observers.ALL), name);
  }

  /** It looks on no more. */
  public void removeObserver(FaultObserver observer) {
    observers.remove(observer);
  }

  /** Somebody wants reports. */
  public void addListener(FaultReportListener listener, String name) {
    observers.add(listener, name);
  }

  /** No more. */
  public void removeListener(FaultReportListener listener) {
    observers.remove(listener);
  }

  /** What a client of a bundle uses; the number names the bundle. */
  public Client client(long owner) {
    return new Client(this, owner);
  }

  /** A client has gone with its bundle. */
  public void gone(long owner) {
    queues.endAllOf(owner);
  }

  /** Counts by name, with what is open and incomplete now. */
  Map<String, Long> snapshot() {
    Map<String, Long> all = counters.snapshot();
    all.put("open", lanes.values().stream().mapToLong(Lane::openGroups).sum());
    all.put("partial", lanes.values().stream().mapToLong(Lane::partialGroups).sum());
    return all;
  }

  /** The open groups of all devices, for people. */
  List<GroupCore> openGroups() {
    return lanes.values().stream().flatMap(lane -> lane.open(group -> true).stream()).toList();
  }

  /** Closes what is open; what comes from now on is answered INVALID at once. */
  public DrainReport close() {
    closed = true;
    DrainReport report = closeAll(Ending.STOP);
    queues.endAll();
    return report;
  }
}
