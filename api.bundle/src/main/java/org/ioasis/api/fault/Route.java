package org.ioasis.api.fault;

import java.util.Objects;
import org.ioasis.api.Handle;
import org.ioasis.api.device.Device;
import org.ioasis.api.device.RoutingKey;
import org.ioasis.api.domain.Domain;

/**
 * Where faults of one key go, and since which version of the table.
 *
 * @param key source id and PASID
 * @param device the bound device
 * @param label what its user chose to call it
 * @param domain the page table
 * @param queue where the faults of the page table go instead of a handler; null if it has none
 * @param everyPasid whether it also serves the source id's PASIDs without a route of their own: the
 *     page table holds a user's PASID table
 * @param timeoutNanos time-out of its groups by the device's policy; 0 for the default
 * @param version of the routing table in which this route came in; grows with every change
 */
public record Route(
    RoutingKey key,
    Handle<Device> device,
    long label,
    Handle<Domain> domain,
    Handle<FaultQueue> queue,
    boolean everyPasid,
    long timeoutNanos,
    long version) {
  /** A route has a key, a device and a page table. */
  public Route {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(device, "device");
    Objects.requireNonNull(domain, "domain");
  }

  /** A route of a page table whose faults go to a handler, with the default time-out. */
  public static Route of(
      RoutingKey key, Handle<Device> device, long label, Handle<Domain> domain, long version) {
    return new Route(key, device, label, domain, null, false, 0, version);
  }
}
