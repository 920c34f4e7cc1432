package org.ioasis.iopf.core;

import java.util.HashMap;
import java.util.Map;
import org.ioasis.api.device.RoutingKey;
import org.ioasis.api.fault.Route;
import org.ioasis.api.fault.RoutingTable;

/**
 * An index over one version of the routing table. The table is immutable and exchanged as a whole,
 * so an index is made once per version, by whoever meets the version first.
 *
 * <p><b>Threading:</b> immutable.
 */
final class Routes {
  /** No routes at all: nobody serves devices. */
  static final Routes NONE = new Routes(new RoutingTable(0, java.util.List.of()));

  private final RoutingTable table;
  private final Map<RoutingKey, Route> byKey = new HashMap<>();

  Routes(RoutingTable table) {
    this.table = table;
    table.routes().forEach(route -> byKey.put(route.key(), route));
  }

  RoutingTable table() {
    return table;
  }

  /** As {@link RoutingTable#serving}, without a search; null if there is none. */
  Route serving(int sourceId, int pasid) {
    RoutingKey key = new RoutingKey(sourceId, pasid);
    Route own = byKey.get(key);
    if (own != null || !key.hasPasid()) {
      return own;
    }
    Route wide = byKey.get(RoutingKey.of(sourceId));
    return wide != null && wide.everyPasid() ? wide : null;
  }
}
