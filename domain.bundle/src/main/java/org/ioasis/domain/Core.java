package org.ioasis.domain;

import java.util.function.Predicate;
import org.ioasis.api.Handle;
import org.ioasis.api.device.DeviceService;
import org.ioasis.api.domain.AddressSpaceSpec;
import org.ioasis.api.domain.DomainService;
import org.ioasis.api.domain.MapRequest;
import org.ioasis.api.domain.SwapService;
import org.ioasis.api.fault.FaultQueue;
import org.ioasis.domain.client.Client;
import org.ioasis.domain.device.DeviceParts;
import org.ioasis.domain.device.Spaces;
import org.ioasis.domain.hwpt.DomainServiceView;
import org.ioasis.domain.space.Space;
import org.ioasis.domain.swap.Swapper;

/**
 * Everything around one machine, and the services of it. It lives as long as the machine; spaces
 * and their memory outlive it.
 *
 * <p><b>Threading:</b> any thread.
 */
public final class Core implements AutoCloseable {
  private final DeviceParts parts;
  private final Swapper swapper;
  private final Predicate<Handle<FaultQueue>> queues;

  /**
   * @param queues whether a fault queue lives
   */
  public Core(DeviceParts.Given given, Predicate<Handle<FaultQueue>> queues) {
    this.parts = new DeviceParts(given);
    this.queues = queues;
    this.swapper =
        new Swapper(
            parts.hosts(),
            parts.devices(),
            parts.domains(),
            parts.mover(),
            parts.events(),
            parts.structure());
  }

  /** What devices need of the spaces of the bundle. */
  public static Spaces spaces(org.ioasis.domain.space.Spaces spaces) {
    return new Spaces() {
      @Override
      public Space create(Client owner, AddressSpaceSpec spec) {
        return spaces.create(owner, spec);
      }

      @Override
      public long map(Space space, MapRequest request) {
        return space.map(
            spaces.sources().find(request.source()),
            request.offset(),
            request.length(),
            request.rights(),
            request.iova(),
            request.alignmentLg2());
      }
    };
  }

  /** The parts. */
  public DeviceParts parts() {
    return parts;
  }

  /** Devices, as one client has the service. */
  public DeviceService deviceService(Client client) {
    return parts.deviceService(client);
  }

  /** Domains, as one client has the service. */
  public DomainService domainService(Client client) {
    return new DomainServiceView(client, parts.domains(), parts.viommus(), parts.devices(), queues);
  }

  /** The exchange of units. */
  public SwapService swapService() {
    return swapper;
  }

  /** Every port is closed, every unit switched off. */
  @Override
  public void close() {
    parts.close();
  }
}
