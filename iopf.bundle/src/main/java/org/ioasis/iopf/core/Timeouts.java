package org.ioasis.iopf.core;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.device.RoutingKey;
import org.ioasis.api.fault.DrainScope;
import org.ioasis.api.fault.Route;

/**
 * Rules for time-outs. The narrowest wins: place, device, the device's policy in the route, page
 * table, everything.
 *
 * <p><b>Threading:</b> any thread.
 */
final class Timeouts {
  private final Map<DrainScope, Long> rules = new ConcurrentHashMap<>();
  private final long otherwise;

  Timeouts(long otherwise) {
    this.otherwise = otherwise;
  }

  void set(DrainScope scope, long nanos) {
    if (nanos < 0) {
      throw new IoasisException(
          Reason.INVALID, "time-out refused: %d ns is below 0".formatted(nanos));
    }
    if (scope.domain() != null && scope.key() != null) {
      throw new IoasisException(
          Reason.INVALID,
          "time-out refused: %s names a page table and a place; give one rule for each"
              .formatted(scope));
    }
    if (nanos == 0) {
      rules.remove(scope);
    } else {
      rules.put(scope, nanos);
    }
  }

  long of(int sourceId, int pasid, Route route) {
    long policy = route.timeoutNanos();
    if (rules.isEmpty()) {
      return policy > 0 ? policy : otherwise;
    }
    Long rule = rules.get(DrainScope.of(new RoutingKey(sourceId, pasid)));
    rule = rule != null ? rule : rules.get(DrainScope.ofDevice(sourceId));
    rule = rule == null && policy > 0 ? Long.valueOf(policy) : rule;
    rule = rule != null ? rule : rules.get(DrainScope.of(route.domain()));
    rule = rule != null ? rule : rules.get(DrainScope.ALL);
    return rule != null ? rule : otherwise;
  }
}
