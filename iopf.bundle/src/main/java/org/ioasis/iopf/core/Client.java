package org.ioasis.iopf.core;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.ioasis.api.Handle;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.device.Device;
import org.ioasis.api.device.RoutingKey;
import org.ioasis.api.fault.DrainReport;
import org.ioasis.api.fault.DrainScope;
import org.ioasis.api.fault.FaultQueue;
import org.ioasis.api.fault.FaultReport;
import org.ioasis.api.fault.FaultService;
import org.ioasis.api.fault.Route;
import org.ioasis.api.fault.RoutingTable;

/**
 * One bundle's view of the router. Queues made through it go with the bundle.
 *
 * <p><b>Threading:</b> immutable; any thread.
 */
public final class Client implements FaultService {
  private final Router router;
  private final long owner;

  Client(Router router, long owner) {
    this.router = router;
    this.owner = owner;
  }

  @Override
  public FaultQueue createQueue(int capacity) {
    if (router.isClosed()) {
      throw new IoasisException(Reason.GONE, "queue refused: the router has stopped");
    }
    return router.queues().create(capacity, owner);
  }

  @Override
  public FaultQueue queue(Handle<FaultQueue> handle) {
    QueueCore queue = router.queues().find(handle);
    if (queue == null) {
      throw new IoasisException(Reason.NOT_FOUND, handle + " refused: it was ended");
    }
    return queue;
  }

  @Override
  public RoutingTable routes() {
    return router.routes().table();
  }

  @Override
  public Optional<Route> route(RoutingKey key) {
    return Optional.ofNullable(router.route(key.sourceId(), key.pasid()));
  }

  @Override
  public void timeout(DrainScope scope, long nanos) {
    router.timeouts().set(Objects.requireNonNull(scope, "scope"), nanos);
  }

  @Override
  public DrainReport drain(DrainScope scope) {
    return router.drainWithHardware(Objects.requireNonNull(scope, "scope"));
  }

  @Override
  public void reportAccessFailure(Handle<Device> device, int pasid, long address, int access) {
    router.reports().said(Objects.requireNonNull(device, "device"), pasid, address, access);
  }

  @Override
  public Map<String, Long> counters() {
    return router.snapshot();
  }

  /** The open groups of all devices, for people. */
  public List<OpenGroup> openGroups() {
    long now = router.wheel() == null ? 0 : router.wheel().time().nanoTime();
    return router.openGroups().stream().map(group -> OpenGroup.of(group, now)).toList();
  }

  /** The users' queues, for people. */
  public List<QueueInfo> queues() {
    return router.queues().all().stream().map(QueueInfo::of).toList();
  }

  /** The last unrecoverable faults, oldest first. */
  public List<FaultReport> reports() {
    return router.reports().recent();
  }
}
