package org.ioasis.domain.device;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.ioasis.api.device.RoutingKey;
import org.ioasis.api.fault.Route;
import org.ioasis.api.fault.RoutingTable;

/**
 * The routes of page faults, copied on every change.
 *
 * <p><b>Threading:</b> changes hold {@code this}; {@link #table} is one volatile read.
 */
final class Routes {
  private static final Comparator<RoutingKey> ORDER =
      (a, b) -> {
        int bySource = Integer.compareUnsigned(a.sourceId(), b.sourceId());
        return bySource != 0 ? bySource : Integer.compare(a.pasid(), b.pasid());
      };

  private final Map<RoutingKey, Route> routes = new TreeMap<>(ORDER);
  private long version;
  private volatile RoutingTable table = new RoutingTable(0, List.of());

  RoutingTable table() {
    return table;
  }

  /** Publishes a route, in place of an earlier one of its key; returns the version it came in. */
  synchronized long publish(Route route) {
    version++;
    routes.put(
        route.key(),
        new Route(
            route.key(),
            route.device(),
            route.label(),
            route.domain(),
            route.queue(),
            route.everyPasid(),
            route.timeoutNanos(),
            version));
    table = new RoutingTable(version, List.copyOf(routes.values()));
    return version;
  }

  /** Takes a route away. */
  synchronized void remove(RoutingKey key) {
    if (routes.remove(key) != null) {
      version++;
      table = new RoutingTable(version, List.copyOf(routes.values()));
    }
  }

  /** Puts back what {@link #publish} replaced; null if there was nothing. */
  synchronized void restore(RoutingKey key, Route before) {
    if (before == null) {
      remove(key);
    } else {
      publish(before);
    }
  }
}
