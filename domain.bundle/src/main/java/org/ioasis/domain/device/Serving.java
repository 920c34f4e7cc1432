package org.ioasis.domain.device;

import java.util.ArrayList;
import java.util.List;
import org.ioasis.api.IoasisException;
import org.ioasis.api.domain.DomainEvent;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Endpoint;
import org.ioasis.api.machine.StallEnd;
import org.ioasis.domain.hwpt.DomainCore;
import org.ioasis.domain.hwpt.Domains;
import org.ioasis.domain.hwpt.Table;
import org.ioasis.domain.unit.HostedDevice;
import org.ioasis.domain.unit.HostedDomain;
import org.ioasis.domain.unit.PortGate;
import org.ioasis.domain.unit.UnitHost;
import org.ioasis.domain.unit.UnitListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the coming and going of units means for devices. A unit that goes leaves its devices in
 * quarantine: blocked, with everything that was attached remembered. When a unit of the same
 * identity serves again, they are rebuilt there.
 *
 * <p><b>Threading:</b> as {@link UnitListener}; everything but {@link #failed} and {@link
 * #isolated} takes the lock of the structure.
 */
public final class Serving implements UnitListener {
  private static final Logger LOG = LoggerFactory.getLogger(Serving.class);

  private final Devices devices;
  private final Domains domains;
  private final Rebuild rebuild;

  /** Over these devices and domains. */
  public Serving(Devices devices, Domains domains) {
    this.devices = devices;
    this.domains = domains;
    this.rebuild = new Rebuild(devices, domains);
  }

  @Override
  public void up(UnitHost host) {
    List<String> back = new ArrayList<>();
    devices.structure().lock();
    try {
      for (DeviceCore device : devices.all()) {
        HostedDevice at = device.hosted();
        if (at != null && at.host() == host && at.isAlive()) {
          goOn(device, at);
        }
      }
      catchUp(host);
      rebuild.tables(host.unitId(), host);
      for (DeviceCore device : devices.all()) {
        HostedDevice at = device.hosted();
        boolean stale = at == null || !at.isAlive();
        if (stale && host.unitId().equals(device.unit())) {
          if (device.places().isEmpty()) {
            device.hosted(null);
            device.quarantined(false);
            device.gate().open(PortGate.Closed.UNIT);
          } else if (rebuild.device(device, host)) {
            rebuild.replay(device);
            back.add(device.name());
          }
        }
      }
    } finally {
      devices.structure().unlock();
    }
    if (!back.isEmpty()) {
      devices.events().post(n -> new DomainEvent.UnitBack(n, host.unitId(), List.copyOf(back)));
    }
  }

  /** A successor has taken over: what was to be detached meanwhile is detached now. */
  private static void goOn(DeviceCore device, HostedDevice at) {
    try {
      at.reconcile(pasid -> expected(device, pasid));
      if (device.interrupts() != null) {
        rebind(device, at);
      }
      device.gate().open(PortGate.Closed.UNIT);
    } catch (IoasisException e) {
      LOG.error("domain: {} stays blocked", device, e);
    }
  }

  /** The successor's entries are others: the device is programmed anew while its port is closed. */
  private static void rebind(DeviceCore device, HostedDevice at) {
    device.gate().close(PortGate.Closed.MOVING);
    try {
      device.interrupts().release();
      device.interrupts().bind(at, device.place(DmaRequest.NO_PASID).flatMap(place -> place.table));
    } finally {
      device.gate().open(PortGate.Closed.MOVING);
    }
  }

  private static HostedDomain expected(DeviceCore device, int pasid) {
    return device.place(pasid).flatMap(place -> place.table).map(Table::hosted).orElse(null);
  }

  private void catchUp(UnitHost host) {
    for (DomainCore domain : domains.all()) {
      try {
        domain.catchUp(host);
      } catch (IoasisException e) {
        LOG.error("domain: {} stays behind its space; its devices are blocked", domain, e);
      }
    }
  }

  @Override
  public void gone(UnitHost host) {
    List<String> blocked = new ArrayList<>();
    devices.structure().lock();
    try {
      for (DeviceCore device : devices.all()) {
        HostedDevice at = device.hosted();
        if (at != null && at.host() == host) {
          device.gate().close(PortGate.Closed.UNIT);
          askAgain(device, host);
          Rebuild.forget(device, null);
          if (!device.places().isEmpty()) {
            device.quarantined(true);
            blocked.add(device.name());
          }
          device.refreshCoherence();
          devices.announce(device);
        }
      }
      for (DomainCore domain : domains.all()) {
        domain.dropTable(host.unitId());
      }
    } finally {
      devices.structure().unlock();
    }
    devices.events().post(n -> new DomainEvent.UnitGone(n, host.unitId(), List.copyOf(blocked)));
  }

  /**
   * Held transactions die with their unit: the device asks again, and whoever was to answer is told
   * that it is too late.
   *
   * @return how many
   */
  int askAgain(DeviceCore device, UnitHost host) {
    int held = host.withdrawStalls(device.sourceId());
    if (!device.endpoint().stall()) {
      return held;
    }
    devices
        .machine()
        .fabric()
        .endpoint(device.sourceId())
        .ifPresent((Endpoint e) -> e.stallEnded(Endpoint.ALL_STALLS, StallEnd.MOVED));
    return held;
  }

  @Override
  public void failed(UnitHost host) {
    List<String> blocked = new ArrayList<>();
    for (DeviceCore device : devices.all()) {
      HostedDevice at = device.hosted();
      if (at != null && at.host() == host) {
        device.gate().shut(PortGate.Closed.UNIT);
        device.quarantined(true);
        blocked.add(device.name());
      }
    }
    devices.events().post(n -> new DomainEvent.UnitGone(n, host.unitId(), List.copyOf(blocked)));
  }

  @Override
  public void isolated(UnitHost host, int sourceId) {
    devices.isolated(sourceId);
  }
}
