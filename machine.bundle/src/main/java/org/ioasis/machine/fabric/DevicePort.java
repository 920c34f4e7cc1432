package org.ioasis.machine.fabric;

import org.ioasis.api.machine.DmaBurst;
import org.ioasis.api.machine.DmaPort;
import org.ioasis.api.machine.PageRequest;

/**
 * The device's side of its {@link Port}.
 *
 * <p><b>Threading:</b> any thread.
 */
final class DevicePort implements DmaPort {
  private final MachineFabric fabric;
  private final Port port;

  DevicePort(MachineFabric fabric, Port port) {
    this.fabric = fabric;
    this.port = port;
  }

  @Override
  public int sourceId() {
    return port.spec.sourceId();
  }

  @Override
  public DmaBurst burst() {
    PortBurst burst = new PortBurst(fabric, port);
    fabric.registry().enter(burst);
    return burst;
  }

  @Override
  public boolean isOpen() {
    return port.route() != null;
  }

  @Override
  public boolean requestPage(PageRequest request) {
    return fabric.requestPage(port, request);
  }

  @Override
  public void close() {
    fabric.leave(port);
  }
}
