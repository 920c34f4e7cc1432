package org.ioasis.iopf.core;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.ioasis.api.Handle;
import org.ioasis.api.device.RoutingKey;
import org.ioasis.api.driver.BatchResult;
import org.ioasis.api.driver.FaultAnswer;
import org.ioasis.api.driver.SyncResult;
import org.ioasis.api.fault.FaultOrigin;
import org.ioasis.api.fault.FaultQueue;
import org.ioasis.api.fault.Route;
import org.ioasis.api.fault.RoutingTable;
import org.ioasis.api.machine.TimeSource;

/** An owner of drivers whose routes a test sets and whose answers it sees. */
final class FakeOrigin implements FaultOrigin {
  final List<FaultAnswer> answers = new ArrayList<>();
  final List<Integer> batches = new ArrayList<>();
  final List<RoutingKey> drains = new ArrayList<>();
  final Set<Handle<FaultQueue>> used = new HashSet<>();
  Function<List<FaultAnswer>, BatchResult> driver = list -> BatchResult.all(list.size());
  Consumer<RoutingKey> onDrain = key -> {};
  private final TimeSource time;
  private volatile RoutingTable table = new RoutingTable(1, List.of());

  FakeOrigin(TimeSource time) {
    this.time = time;
  }

  /** Puts a route in, in place of the one with its key. */
  synchronized Route put(Route route) {
    List<Route> routes = new ArrayList<>(table.routes());
    routes.removeIf(old -> old.key().equals(route.key()));
    Route versioned =
        new Route(
            route.key(),
            route.device(),
            route.label(),
            route.domain(),
            route.queue(),
            route.everyPasid(),
            route.timeoutNanos(),
            table.version() + 1);
    routes.add(versioned);
    routes.sort(
        Comparator.comparingInt((Route r) -> r.key().sourceId())
            .thenComparingInt(r -> r.key().pasid()));
    table = new RoutingTable(table.version() + 1, routes);
    return versioned;
  }

  synchronized void remove(RoutingKey key) {
    List<Route> routes = new ArrayList<>(table.routes());
    routes.removeIf(old -> old.key().equals(key));
    table = new RoutingTable(table.version() + 1, routes);
  }

  @Override
  public RoutingTable routes() {
    return table;
  }

  @Override
  public BatchResult respond(List<FaultAnswer> list) {
    BatchResult result = driver.apply(list);
    answers.addAll(list.subList(0, result.done()));
    batches.add(list.size());
    return result;
  }

  @Override
  public SyncResult drain(int sourceId, int pasid) {
    RoutingKey key = new RoutingKey(sourceId, pasid);
    drains.add(key);
    onDrain.accept(key);
    return SyncResult.COMPLETE;
  }

  @Override
  public boolean uses(Handle<FaultQueue> queue) {
    return used.contains(queue);
  }

  @Override
  public TimeSource time() {
    return time;
  }
}
