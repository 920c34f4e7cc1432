package org.ioasis.domain.device;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.ioasis.api.IoasisException;
import org.ioasis.api.device.Attachment;
import org.ioasis.api.domain.AddressSpace;
import org.ioasis.api.driver.AttachOutcome;
import org.ioasis.api.driver.DeviceFacts;
import org.ioasis.api.driver.IommuDriver;
import org.ioasis.api.driver.ReservedRegion;
import org.ioasis.api.fault.DrainScope;
import org.ioasis.api.fault.FaultRouter;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.domain.hwpt.DomainCore;
import org.ioasis.domain.hwpt.Domains;
import org.ioasis.domain.hwpt.Table;
import org.ioasis.domain.space.Space;
import org.ioasis.domain.unit.HostedDevice;
import org.ioasis.domain.unit.PortGate;
import org.ioasis.domain.unit.UnitHost;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves devices from one unit to another.
 *
 * <p>With both units there the order is: the new unit learns everything, its entries for the device
 * included, since nothing of the device reaches it before its port leads there; block and grace;
 * what the old unit holds for the device ends (stalls ask again, its queue is emptied into the
 * router, where page requests stay open); a device TLB is emptied; interrupts are programmed anew;
 * the port leads to the new unit and opens; the old one forgets the device. If the new unit
 * refuses, the device has not noticed; if the driver of the old one throws, it stays there, blocked
 * until that unit is served again.
 *
 * <p><b>Threading:</b> the lock of the structure is held.
 */
public final class Mover {
  private static final Logger LOG = LoggerFactory.getLogger(Mover.class);

  private final Devices devices;
  private final Domains domains;
  private final Serving serving;
  private final Rebuild rebuild;

  /**
   * What a move was for one device.
   *
   * @param device its name
   * @param blackoutNanos how long its port was closed, on the machine's clock
   * @param blocked requests that met the closed port
   * @param carried fault groups that stayed open and are answered by the new unit
   * @param stalls held transactions that were told to ask again
   * @param replayed interrupts that were raised again
   * @param quarantined whether it stays blocked
   */
  public record Moved(
      String device,
      long blackoutNanos,
      long blocked,
      long carried,
      long stalls,
      long replayed,
      boolean quarantined) {}

  /** Over these devices and domains. */
  public Mover(Devices devices, Domains domains, Serving serving) {
    this.devices = devices;
    this.domains = domains;
    this.serving = serving;
    this.rebuild = new Rebuild(devices, domains);
  }

  /** The devices that belong to a unit, whether anything is attached or not. */
  public List<DeviceCore> devicesOf(String unitId) {
    return devices.all().stream().filter(device -> unitId.equals(devices.unitOf(device))).toList();
  }

  /** The domains that belong to a unit. */
  public List<DomainCore> domainsOf(String unitId) {
    return domains.all().stream().filter(domain -> domain.unitId().equals(unitId)).toList();
  }

  /** The domains at the places of a device. */
  public static List<DomainCore> domainsAt(DeviceCore device) {
    return device.all().stream().map(place -> place.domain).distinct().toList();
  }

  /** The PASIDs at which a device is attached. */
  public static List<Integer> pasidsOf(DeviceCore device) {
    return device.places().keySet().stream().filter(p -> p != DmaRequest.NO_PASID).toList();
  }

  /** Name of a device and its address on the bus. */
  public static String nameOf(DeviceCore device) {
    return device.toString();
  }

  /** What is attached where, for people: {@code none:5} or {@code 3:7}. */
  public List<String> attachedAt(DeviceCore device) {
    devices.structure().lock();
    try {
      return device.all().stream()
          .map(
              place ->
                  "%s:%d"
                      .formatted(
                          place.key().hasPasid() ? place.key().pasid() : "none",
                          place.domain.handle().id()))
          .toList();
    } finally {
      devices.structure().unlock();
    }
  }

  /** Whether a unit serves the device now. */
  public static boolean isServed(DeviceCore device) {
    HostedDevice at = device.hosted();
    return at != null && at.isAlive() && at.host().isServing();
  }

  /** What a driver must know of a device. */
  public static DeviceFacts factsOf(DeviceCore device) {
    return device.facts();
  }

  /** The spaces that requests without a PASID of a device go through. */
  public static List<Space> ridSpaces(DeviceCore device) {
    return device.place(DmaRequest.NO_PASID).map(place -> place.domain.baseSpace()).stream()
        .toList();
  }

  /** A device with nothing attached belongs to another unit from now on. */
  public void assign(DeviceCore device, UnitHost to) {
    HostedDevice before = device.hosted();
    device.unit(to.unitId());
    device.quarantined(false);
    device.gate().open(PortGate.Closed.UNIT);
    if (device.interrupts() != null) {
      device.interrupts().release();
    }
    Rebuild.forget(device, before);
    if (device.interrupts() != null) {
      devices.host(device, to);
    }
    devices.announce(device);
  }

  /** How many fault groups of a device wait for an answer. */
  public long openGroups(DeviceCore device) {
    FaultRouter router = devices.router();
    long open = 0;
    if (router != null) {
      for (Place place : device.all()) {
        open += router.open(DrainScope.of(place.key()));
      }
    }
    return open;
  }

  /**
   * Make before break, for one device; the tables on the new unit are filled already.
   *
   * @throws IoasisException why the new unit refused; the device is where it was
   */
  public Moved move(DeviceCore device, UnitHost to) {
    HostedDevice before = device.hosted();
    Map<Place, Table> tables = new HashMap<>();
    for (Place place : device.all()) {
      tables.put(place, place.domain.require(to));
    }
    HostedDevice next = to.addDevice(device.facts());
    Map<Place, List<AddressSpace.Reservation>> reserved = new HashMap<>();
    boolean ready = false;
    try {
      List<ReservedRegion> regions = next.reservedRegions();
      for (Place place : device.all()) {
        reserved.put(place, reserve(device, place, regions));
      }
      ready = true;
    } finally {
      if (!ready) {
        reserved.values().forEach(Mover::close);
        next.close();
      }
    }
    return exchange(device, before, new Arrival(to, next, tables, reserved));
  }

  /** A device as the unit that it goes to knows it already. */
  private static final class Arrival {
    final UnitHost host;
    final HostedDevice device;
    final Map<Place, Table> tables;
    final Map<Place, List<AddressSpace.Reservation>> reserved;
    final Map<Place, AttachOutcome> outcomes = new HashMap<>();
    List<ReservedRegion> regions = List.of();
    InterruptCore.Way way;

    Arrival(
        UnitHost host,
        HostedDevice device,
        Map<Place, Table> tables,
        Map<Place, List<AddressSpace.Reservation>> reserved) {
      this.host = host;
      this.device = device;
      this.tables = tables;
      this.reserved = reserved;
    }
  }

  private Moved exchange(DeviceCore device, HostedDevice before, Arrival to) {
    int id = device.sourceId();
    devices.hosts().bits().leave(id, before.host().unitId());
    attachAll(device, to);
    Map<Place, Optional<Table>> left = new HashMap<>();
    device.all().forEach(place -> left.put(place, place.table));
    InterruptCore.Way old = null;
    Moved moved;
    try {
      before.host().drain(id, IommuDriver.ALL_PASIDS); // what is there; inside, what came since
      device.gate().close(PortGate.Closed.MOVING);
      long stalls = serving.askAgain(device, before.host());
      before.host().drain(id, IommuDriver.ALL_PASIDS);
      long carried = openGroups(device);
      if (device.endpoint().ats()) {
        before.close(); // makes the device forget what it knows from the old unit
      }
      if (to.way != null) {
        old = device.interrupts().take(to.way);
      }
      arrived(device, to);
      devices.hosts().bits().release(id);
      device.gate().open(PortGate.Closed.MOVING);
      moved = moved(device, carried, stalls);
    } catch (IoasisException e) {
      unmake(device, to);
      devices.hosts().bits().stay(id);
      throw e;
    } finally {
      devices.hosts().bits().release(id);
      device.gate().open(PortGate.Closed.MOVING);
    }
    if (old != null) {
      old.close();
    }
    forgetOld(device, before, left);
    settle(device, to);
    return moved;
  }

  private static Moved moved(DeviceCore device, long carried, long stalls) {
    boolean open = device.gate().isOpen();
    return new Moved(
        device.name(),
        open ? device.gate().lastWindowNanos() : 0,
        open ? device.gate().lastWindowBlocked() : 0,
        carried,
        stalls,
        0,
        false);
  }

  /**
   * The new unit learns everything while the device still works through the old one: nothing of the
   * device reaches the new one before its port leads there.
   *
   * @throws IoasisException why it refused; the device has not noticed
   */
  private void attachAll(DeviceCore device, Arrival to) {
    boolean complete = false;
    try {
      for (Place place : device.all()) {
        Table table = to.tables.get(place);
        table.join(device.gate());
        to.outcomes.put(place, to.device.attach(place.key().pasid(), table.hosted()));
      }
      to.regions = to.device.reservedRegions();
      if (device.interrupts() != null) {
        Optional<Table> table = device.place(DmaRequest.NO_PASID).map(to.tables::get);
        to.way = device.interrupts().prepare(to.device, table);
      }
      complete = true;
    } finally {
      if (!complete) {
        unmake(device, to);
        devices.hosts().bits().stay(device.sourceId());
      }
    }
  }

  /** The new unit forgets a device that does not come. */
  private static void unmake(DeviceCore device, Arrival to) {
    if (to.way != null) {
      to.way.close();
    }
    to.tables.values().forEach(table -> table.leave(device.gate()));
    to.reserved.values().forEach(Mover::close);
    try {
      to.device.close();
    } catch (IoasisException e) {
      LOG.warn("domain: {} was not forgotten by unit {}", device, to.host.unitId(), e);
    }
  }

  /** What must be true before its port opens. */
  private static void arrived(DeviceCore device, Arrival to) {
    for (Place place : device.all()) {
      place.table = Optional.of(to.tables.get(place));
    }
    device.hosted(to.device);
    device.unit(to.host.unitId());
    device.gate().lead(to.host);
  }

  /** The old unit forgets the device; it does not hear it any more. */
  private void forgetOld(
      DeviceCore device, HostedDevice before, Map<Place, Optional<Table>> tables) {
    try {
      before.close();
    } catch (IoasisException e) {
      LOG.warn("domain: {} was not forgotten by unit {}", device, before.host().unitId(), e);
    } finally {
      devices.hosts().bits().left(device.sourceId());
    }
    Set<Table> now = new HashSet<>();
    device.all().forEach(place -> place.table.ifPresent(now::add));
    tables.values().stream()
        .flatMap(Optional::stream)
        .filter(table -> !now.contains(table))
        .forEach(table -> table.leave(device.gate()));
  }

  private void settle(DeviceCore device, Arrival to) {
    for (Place place : device.all()) {
      close(place.reservations);
      place.reservations = to.reserved.get(place);
      Attachment old = place.attachment;
      place.attachment =
          new Attachment(
              old.key(),
              old.label(),
              old.domain(),
              to.outcomes.get(place).reservations(),
              old.version(),
              old.hitless(),
              old.windowNanos(),
              old.faultsInWindow());
    }
    device.reserved(to.regions);
    device.refreshCoherence();
    devices.announce(device);
  }

  private static void close(List<AddressSpace.Reservation> reservations) {
    reservations.forEach(AddressSpace.Reservation::close);
  }

  /** What the new unit reserves beyond what the device has reserved already. */
  private static List<AddressSpace.Reservation> reserve(
      DeviceCore device, Place place, List<ReservedRegion> regions) {
    List<AddressSpace.Reservation> taken = new ArrayList<>();
    Space space = place.domain.baseSpace();
    if (space == null || place.key().hasPasid()) {
      return taken;
    }
    boolean complete = false;
    try {
      for (ReservedRegion region : regions) {
        if (region.type() != ReservedRegion.Type.DIRECT_RELAXABLE) {
          taken.add(space.reserve(region.range(), device.name() + " (" + region.type() + ")"));
        }
      }
      complete = true;
      return taken;
    } finally {
      if (!complete) {
        close(taken);
      }
    }
  }

  /**
   * Break before make, first half: the device is closed and its unit forgets it. Its enable bits
   * stay as they are until the second half, or {@link #quarantine}.
   *
   * @return what waits: groups that stay open, transactions that ask again
   */
  public Moved leave(DeviceCore device) {
    HostedDevice before = device.hosted();
    device.gate().close(PortGate.Closed.MOVING);
    devices.hosts().bits().hold(device.sourceId());
    long stalls = 0;
    if (before != null && before.isAlive()) {
      stalls = serving.askAgain(device, before.host());
      try {
        before.host().drain(device.sourceId(), IommuDriver.ALL_PASIDS);
      } catch (IoasisException e) {
        LOG.warn("domain: the queue of unit {} was not emptied", before.host().unitId(), e);
      }
    }
    long carried = openGroups(device);
    if (device.interrupts() != null) {
      device.interrupts().release();
    }
    Rebuild.forget(device, before);
    return new Moved(device.name(), 0, 0, carried, stalls, 0, false);
  }

  /** Break before make, second half: the tables are filled; the device passes if all fits. */
  public Moved arrive(DeviceCore device, UnitHost to, Moved left) {
    boolean passes = rebuild.device(device, to);
    devices.hosts().bits().release(device.sourceId());
    boolean open = passes && device.gate().isOpen();
    return new Moved(
        device.name(),
        open ? device.gate().lastWindowNanos() : 0,
        open ? device.gate().lastWindowBlocked() : 0,
        left.carried(),
        left.stalls(),
        open ? rebuild.replay(device) : 0,
        !passes);
  }

  /** Whether a user's format can be read by a unit. */
  public static boolean canCarry(DomainCore domain, UnitHost host) {
    return Rebuild.canCarry(domain, host);
  }

  /** The unit cannot read the format of a domain; its users are told, its devices stay blocked. */
  public void lose(DomainCore domain, UnitHost host) {
    rebuild.lose(domain, host);
  }

  /**
   * A device whose format was lost stays blocked until somebody attaches it anew.
   *
   * @return the groups that were closed
   */
  public long quarantine(DeviceCore device, UnitHost to) {
    long closed = 0;
    Rebuild.forget(device, device.hosted());
    devices.hosts().bits().release(device.sourceId());
    device.unit(to.unitId());
    device.quarantined(true);
    FaultRouter router = devices.router();
    if (router != null) {
      for (Place place : device.all()) {
        closed += router.drain(DrainScope.of(place.key())).closed();
      }
    }
    return closed;
  }
}
