package org.ioasis.api.fault;

import java.util.List;
import java.util.Optional;
import org.ioasis.api.device.RoutingKey;

/**
 * The routes at one version: immutable, and so consistent.
 *
 * @param version grows with every change
 * @param routes all routes, in order of source id and PASID
 */
public record RoutingTable(long version, List<Route> routes) {
  /** Copies the list. */
  public RoutingTable {
    routes = List.copyOf(routes);
  }

  /** The route of a key, if there is one; exact, without the rule for users' PASID tables. */
  public Optional<Route> find(RoutingKey key) {
    return routes.stream().filter(route -> route.key().equals(key)).findFirst();
  }

  /**
   * The route that serves a key: its own, or that of the source id&#39;s page table that holds a
   * user&#39;s PASID table.
   */
  public Optional<Route> serving(RoutingKey key) {
    Optional<Route> own = find(key);
    return own.isPresent() ? own : find(RoutingKey.of(key.sourceId())).filter(Route::everyPasid);
  }
}
