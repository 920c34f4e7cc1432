package org.ioasis.domain.device;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.locks.ReentrantLock;
import org.ioasis.api.Handle;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.device.Device;
import org.ioasis.api.device.DeviceGroup;
import org.ioasis.api.domain.DomainEvent;
import org.ioasis.api.fault.FaultRouter;
import org.ioasis.api.machine.EndpointSpec;
import org.ioasis.api.machine.Machine;
import org.ioasis.api.machine.PortControl;
import org.ioasis.domain.client.Objects;
import org.ioasis.domain.hwpt.Sites;
import org.ioasis.domain.unit.HostedDevice;
import org.ioasis.domain.unit.PortGate;
import org.ioasis.domain.unit.UnitHost;
import org.ioasis.domain.unit.UnitHosts;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The devices of one machine, by source id, and which unit serves each.
 *
 * <p><b>Threading:</b> any thread, outside bursts. {@code structure} is the one lock of everything
 * that ties devices, domains and units together; {@code bySource} is read without it.
 */
public final class Devices implements Sites, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Devices.class);

  private final Machine machine;
  private final Objects objects;
  private final DeviceSettings settings;
  private final Announcer announcer;
  private final EventBus events;
  private final ReentrantLock structure;
  private final Routes routes = new Routes();
  private final Map<Integer, DeviceCore> bySource =
      new ConcurrentSkipListMap<>(Integer::compareUnsigned);
  private UnitHosts hosts;
  private volatile FaultRouter router;
  private AutoCloseable watch;
  private Departures departures = device -> {};

  /** What ends with a device that leaves the fabric. */
  @FunctionalInterface
  interface Departures {
    /** Every place is emptied; the lock of the structure is held. */
    void left(DeviceCore device);
  }

  /**
   * Makes the place; {@link #begin} looks at the ports.
   *
   * @param structure the one lock
   */
  public Devices(
      Machine machine,
      Objects objects,
      DeviceSettings settings,
      Announcer announcer,
      EventBus events,
      ReentrantLock structure) {
    this.machine = machine;
    this.objects = objects;
    this.settings = settings;
    this.announcer = announcer;
    this.events = events;
    this.structure = structure;
  }

  /** Begins to follow the ports of the fabric. */
  public void begin(UnitHosts units) {
    hosts = units;
    units.servedBy(answer -> servingUnit(answer.sourceId()));
    watch = machine.fabric().watch(this::portChanged);
  }

  void departures(Departures to) {
    departures = to;
  }

  Machine machine() {
    return machine;
  }

  Objects objects() {
    return objects;
  }

  UnitHosts hosts() {
    return hosts;
  }

  EventBus events() {
    return events;
  }

  ReentrantLock structure() {
    return structure;
  }

  Routes routes() {
    return routes;
  }

  /** The router of page faults, or null. */
  FaultRouter router() {
    return router;
  }

  /** The router came, or with null went. */
  public void router(FaultRouter now) {
    router = now;
  }

  private String servingUnit(int sourceId) {
    DeviceCore device = bySource.get(sourceId);
    HostedDevice at = device == null ? null : device.hosted();
    return at == null ? null : at.host().unitId();
  }

  private void portChanged(int sourceId) {
    structure.lock();
    try {
      Optional<PortControl> port = machine.fabric().port(sourceId);
      DeviceCore known = bySource.get(sourceId);
      if (known != null && (port.isEmpty() || !port.get().spec().equals(known.endpoint()))) {
        leave(known);
        known = null;
      }
      if (known == null && port.isPresent()) {
        join(port.get().spec());
      }
    } catch (RuntimeException e) {
      LOG.error("domain: the device 0x{} was not taken in", Integer.toHexString(sourceId), e);
    } finally {
      structure.unlock();
    }
  }

  private void join(EndpointSpec spec) {
    DeviceCore device =
        new DeviceCore(this, spec, settings, new PortGate(machine, spec.sourceId()));
    bySource.put(spec.sourceId(), device);
    LOG.debug("domain: {} joined", device);
    announcer.present(device);
  }

  private void leave(DeviceCore device) {
    device.away(true);
    bySource.remove(device.sourceId(), device);
    announcer.absent(device);
    departures.left(device);
    hosts.bits().forget(device.sourceId());
    LOG.debug("domain: {} left", device);
  }

  /** Another unit serves a device, or none. */
  void announce(DeviceCore device) {
    announcer.present(device);
  }

  /** All devices, in order of source id. */
  public Collection<DeviceCore> all() {
    return List.copyOf(bySource.values());
  }

  Optional<DeviceCore> named(String name) {
    return bySource.values().stream().filter(device -> device.name().equals(name)).findFirst();
  }

  Optional<DeviceCore> of(int sourceId) {
    return Optional.ofNullable(bySource.get(sourceId));
  }

  DeviceGroup groupOf(DeviceCore device) {
    Optional<Map.Entry<Integer, String>> group = settings.groupOf(device.sourceId());
    if (group.isEmpty()) {
      return new DeviceGroup(device.sourceId(), List.of(device.name()), "");
    }
    List<String> names = new ArrayList<>();
    int first = device.sourceId();
    for (DeviceCore other : bySource.values()) {
      if (settings.groupOf(other.sourceId()).equals(group)) {
        first = names.isEmpty() ? other.sourceId() : first;
        names.add(other.name());
      }
    }
    return new DeviceGroup(first, names, group.get().getValue());
  }

  /** The devices of a group. */
  List<DeviceCore> members(DeviceCore device) {
    List<String> names = groupOf(device).members();
    return bySource.values().stream().filter(other -> names.contains(other.name())).toList();
  }

  /**
   * The unit that a device belongs to: where it was last, where the settings put it, or the only
   * one there is; null if none of these.
   */
  String unitOf(DeviceCore device) {
    if (device.unit() != null) {
      return device.unit();
    }
    return settings
        .routeOf(device.sourceId())
        .orElseGet(
            () -> {
              List<UnitHost> all = hosts.hosts();
              return all.size() == 1 ? all.get(0).unitId() : null;
            });
  }

  /**
   * The device behind the unit that serves it, made known there if it is not; the lock is held.
   *
   * @throws IoasisException GONE if no unit serves it now
   */
  HostedDevice ensureHosted(DeviceCore device) {
    if (device.isAway()) {
      throw new IoasisException(
          Reason.GONE, "%s refused: it has left the fabric".formatted(device));
    }
    HostedDevice at = device.hosted();
    if (at != null && at.isAlive() && at.host().isServing()) {
      return at;
    }
    String unitId = unitOf(device);
    if (unitId == null) {
      throw new IoasisException(
          Reason.GONE,
          "%s refused: nothing says which of the units %s serves it; add a line to org.ioasis.domain routes"
              .formatted(device, hosts.hosts().stream().map(UnitHost::unitId).toList()));
    }
    Optional<UnitHost> host = hosts.host(unitId).filter(UnitHost::isServing);
    if (host.isEmpty() || device.isQuarantined()) {
      throw new IoasisException(
          Reason.GONE,
          "%s refused: its unit %s is %s; start it, or swap it for another"
              .formatted(
                  device,
                  unitId,
                  hosts.host(unitId).map(h -> h.state().name()).orElse("not installed")));
    }
    return host(device, host.get());
  }

  /** Makes a device known to a unit, in whatever state it was before; the lock is held. */
  HostedDevice host(DeviceCore device, UnitHost host) {
    HostedDevice made = host.addDevice(device.facts());
    device.hosted(made);
    device.unit(host.unitId());
    device.reserved(made.reservedRegions());
    device.gate().lead(host);
    device.refreshCoherence();
    if (device.interrupts() != null) {
      device.interrupts().release();
      device.interrupts().bind(made, Optional.empty());
    }
    announce(device);
    return made;
  }

  @Override
  public HostedDevice hosted(Handle<Device> handle) {
    return ensureHosted(objects.find(handle, BoundDevice.class).core());
  }

  /** Names of devices that are blocked because what served them is gone. */
  public List<String> quarantined() {
    return bySource.values().stream()
        .filter(DeviceCore::isQuarantined)
        .map(DeviceCore::name)
        .toList();
  }

  /** A device did not answer an invalidation; leaf locks only. */
  void isolated(int sourceId) {
    DeviceCore device = bySource.get(sourceId);
    if (device != null) {
      device.gate().shut(PortGate.Closed.ISOLATED);
      LOG.warn("domain: {} did not answer an invalidation and is shut out", device);
      events.post(number -> new DomainEvent.DeviceIsolated(number, device.name()));
    }
  }

  @Override
  public void close() {
    try {
      if (watch != null) {
        watch.close();
      }
    } catch (Exception e) {
      LOG.warn("domain: the fabric goes on telling of its ports", e);
    }
  }
}
