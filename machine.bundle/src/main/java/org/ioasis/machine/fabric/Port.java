package org.ioasis.machine.fabric;

import java.util.concurrent.atomic.AtomicLong;
import org.ioasis.api.machine.Endpoint;
import org.ioasis.api.machine.EndpointSpec;
import org.ioasis.api.machine.PortControl;

/**
 * The valve of one device. The device itself holds a {@link DevicePort}, which cannot be cast to
 * this.
 *
 * <p><b>Threading:</b> any thread. {@code route} is the valve: null is blocked. It is written under
 * the fabric's lock and read inside bursts, whose beginning orders the read ({@link
 * BurstRegistry}).
 */
final class Port implements PortControl {
  final EndpointSpec spec;
  final Endpoint endpoint;
  private final MachineFabric fabric;
  private final AtomicLong blocked = new AtomicLong();
  private volatile UnitRoute route;

  Port(MachineFabric fabric, EndpointSpec spec, Endpoint endpoint) {
    this.fabric = fabric;
    this.spec = spec;
    this.endpoint = endpoint;
  }

  /** Where it is open to, or null. */
  UnitRoute route() {
    return route;
  }

  /** Turns the valve; the fabric's lock is held. */
  void route(UnitRoute to) {
    route = to;
  }

  /** Counts a request that met the closed valve. */
  void countBlocked() {
    blocked.incrementAndGet();
  }

  @Override
  public EndpointSpec spec() {
    return spec;
  }

  @Override
  public String unitId() {
    UnitRoute to = route;
    return to == null ? null : to.id;
  }

  @Override
  public void open(String unitId) {
    fabric.open(this, unitId);
  }

  @Override
  public void block() {
    fabric.block(this);
  }

  @Override
  public boolean graceElapsed(long ticket) {
    return fabric.registry().hasElapsed(ticket, this);
  }

  @Override
  public long blockedCount() {
    return blocked.get();
  }
}
