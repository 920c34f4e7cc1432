package org.ioasis.api.fault;

import java.util.Map;
import java.util.Optional;
import org.ioasis.api.Handle;
import org.ioasis.api.device.Device;
import org.ioasis.api.device.RoutingKey;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The routing of page faults. Bundle-scoped: queues of a bundle that goes are ended. The platform
 * runs without it; then every recoverable fault is answered INVALID.
 *
 * <p><b>Threading:</b> any thread, outside bursts. No call waits for a handler.
 */
@ProviderType
public interface FaultService {
  /** Time-out of a group unless somebody says otherwise: 100 milliseconds. */
  long DEFAULT_TIMEOUT_NANOS = 100_000_000L;

  /** A queue for a user; {@code capacity} faults, 1 or more. */
  FaultQueue createQueue(int capacity);

  /**
   * The living queue behind a handle.
   *
   * @throws org.ioasis.api.IoasisException NOT_FOUND if it was ended
   */
  FaultQueue queue(Handle<FaultQueue> handle);

  /** The routes now. */
  RoutingTable routes();

  /**
   * Where a fault of this key would go now. A key with a PASID that has no route of its own goes to
   * the nested domain that holds the user's PASID table of the same source id, if there is one.
   */
  Optional<Route> route(RoutingKey key);

  /**
   * Sets a time-out; the narrowest wins: device and PASID, then device, then the device's policy in
   * its route, then domain, then all, then the default.
   *
   * @param scope whose groups: {@link DrainScope#of(org.ioasis.api.device.RoutingKey)}, {@link
   *     DrainScope#ofDevice}, {@link DrainScope#of(Handle)} or {@link DrainScope#ALL}
   * @param nanos above 0; 0 for the next wider rule
   * @throws org.ioasis.api.IoasisException INVALID below 0, or for a scope of both a domain and a
   *     place
   */
  void timeout(DrainScope scope, long nanos);

  /**
   * Makes sure that nothing of the scope waits any more: the driver's queue drained, complete
   * groups answered by handlers as far as they have, the rest closed. Does not wait for handlers.
   */
  DrainReport drain(DrainScope scope);

  /**
   * A device that speaks for itself says that an access of its failed for good, as a vhost-user
   * backend does; it joins the reports of the units.
   *
   * @param access READ, WRITE and EXECUTE bits of {@link org.ioasis.api.machine.DmaRequest}
   */
  void reportAccessFailure(Handle<Device> device, int pasid, long address, int access);

  /** Delivered, answered, timed out, late, dropped, overflowed and so on, by name. */
  Map<String, Long> counters();
}
