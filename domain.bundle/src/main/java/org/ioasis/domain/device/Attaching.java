package org.ioasis.domain.device;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntPredicate;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.device.AttachTarget;
import org.ioasis.api.device.Attachment;
import org.ioasis.api.device.RoutingKey;
import org.ioasis.api.domain.AddressSpace;
import org.ioasis.api.driver.AttachOutcome;
import org.ioasis.api.driver.ChangeMode;
import org.ioasis.api.driver.DomainFlag;
import org.ioasis.api.driver.DriverCapabilities;
import org.ioasis.api.driver.DriverFeature;
import org.ioasis.api.driver.ReservedRegion;
import org.ioasis.api.fault.Route;
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
 * Attaches, replaces and detaches. The order is the same everywhere: a port opens after the entry
 * is complete; on the way out it is closed first (if nothing else is attached) and the route
 * removed, so that nothing new is handed on; the queue is emptied and the faults are answered while
 * the device can still take an answer; the entry is cleared and its translations invalidated; what
 * came in between is drained; and only then the domain is let go.
 *
 * <p><b>Threading:</b> any thread, outside bursts; everything here happens under the lock of the
 * structure. The router of faults is called with it; it needs nothing that takes it.
 */
final class Attaching {
  private static final Logger LOG = LoggerFactory.getLogger(Attaching.class);

  private final Devices devices;
  private final Domains domains;
  private final ReentrantLock structure;
  private final IntPredicate allocated;
  private final Fits fits;
  private final Drains drains;

  /**
   * @param allocated whether the allocator has handed out a PASID
   */
  Attaching(Devices devices, Domains domains, IntPredicate allocated) {
    this.devices = devices;
    this.domains = domains;
    this.structure = devices.structure();
    this.allocated = allocated;
    this.fits = new Fits(devices);
    this.drains = new Drains(devices);
    devices.departures(this::depart);
  }

  // ---- attach ------------------------------------------------------------------------------

  Attachment attach(BoundDevice bound, AttachTarget target, int pasid) {
    structure.lock();
    try {
      DeviceCore device = bound.live();
      device
          .place(pasid)
          .ifPresent(
              there -> {
                throw new IoasisException(
                    Reason.BUSY,
                    "attach refused: %s is at %s; replace or detach it"
                        .formatted(there.domain, there.key()));
              });
      HostedDevice hosted = devices.ensureHosted(device);
      fits.checkPasid(device, hosted.host(), pasid);
      DomainCore domain = resolve(bound, hosted.host(), target, pasid);
      try {
        fits.check(bound, domain, pasid);
        return enter(bound, hosted, domain, pasid);
      } finally {
        domains.release(domain);
      }
    } finally {
      structure.unlock();
    }
  }

  /** The domain that a target means on a unit; an automatic one is made if none fits. */
  private DomainCore resolve(BoundDevice bound, UnitHost host, AttachTarget target, int pasid) {
    if (target instanceof AttachTarget.Table table) {
      return devices.objects().find(table.domain(), DomainCore.class);
    }
    if (target instanceof AttachTarget.Space wanted) {
      Space space = devices.objects().find(wanted.space(), Space.class);
      return domains.automatic(bound.client(), host, space, wanted(bound.core(), host, pasid));
    }
    if (!bound.client().trusted()) {
      throw new IoasisException(
          Reason.DENIED,
          "identity refused: %s is not trusted with memory".formatted(bound.client()));
    }
    return domains.identity(bound.client(), host);
  }

  /** What a domain made for an attach should be able to do for a device. */
  private static Set<DomainFlag> wanted(DeviceCore device, UnitHost host, int pasid) {
    DriverCapabilities can = host.capabilities();
    Set<DomainFlag> wanted = EnumSet.noneOf(DomainFlag.class);
    boolean pasids = can.pasidBits() > 0 && device.endpoint().pasidBits() > 0;
    if (pasids || pasid != DmaRequest.NO_PASID) {
      wanted.add(DomainFlag.PASID);
    }
    if (host.isFaultCapable(device.facts())) {
      wanted.add(DomainFlag.FAULT_CAPABLE);
    }
    if (device.facts().mayNotSnoop() && can.has(DriverFeature.ENFORCE_SNOOP)) {
      wanted.add(DomainFlag.ENFORCE_SNOOP);
    }
    return wanted;
  }

  private Attachment enter(BoundDevice bound, HostedDevice hosted, DomainCore domain, int pasid) {
    DeviceCore device = bound.core();
    RoutingKey key = new RoutingKey(device.sourceId(), pasid);
    Place place = new Place(domain, pasid != DmaRequest.NO_PASID && allocated.test(pasid));
    Table table = domain.require(hosted.host());
    boolean first = device.places().isEmpty();
    boolean complete = false;
    place.reservations = reserve(device, domain, pasid);
    devices.objects().use(bound.handle(), domain.handle());
    long version = publish(bound, domain, key);
    table.join(device.gate());
    try {
      ring(device, hosted, table, key);
      AttachOutcome outcome = hosted.attach(pasid, table.hosted());
      place.attachment = attachment(bound, domain, key, version, outcome);
      complete = true;
    } catch (IoasisException e) {
      throw Fits.asAttach(e);
    } finally {
      if (!complete) {
        devices.routes().remove(key);
        leave(device, table);
        devices.objects().unuse(bound.handle(), domain.handle());
        place.reservations.forEach(AddressSpace.Reservation::close);
      }
    }
    place.table = Optional.of(table);
    device.places().put(pasid, place);
    domain.attached(key, device.facts());
    device.refreshCoherence();
    if (first) {
      device.gate().open(PortGate.Closed.ISOLATED);
      warnOfBlocked(device);
      device.gate().open(PortGate.Closed.UNATTACHED);
    }
    return place.attachment;
  }

  /** Interrupt messages of the device find their way through the table that is attached now. */
  static void ring(DeviceCore device, HostedDevice at, Table table, RoutingKey key) {
    if (device.interrupts() != null && !key.hasPasid()) {
      device.interrupts().ring(at, table);
    }
  }

  private void warnOfBlocked(DeviceCore device) {
    long blocked = device.takeBlocked();
    if (blocked > 0 && device.policy().logUnattached()) {
      LOG.warn(
          "domain: {} requests of {} were refused while nothing was attached", blocked, device);
    }
  }

  private static Attachment attachment(
      BoundDevice bound, DomainCore domain, RoutingKey key, long version, AttachOutcome outcome) {
    return new Attachment(
        key,
        bound.label(),
        domain.handle(),
        outcome.reservations(),
        version,
        outcome.hitless(),
        outcome.windowNanos(),
        0);
  }

  long publish(BoundDevice bound, DomainCore domain, RoutingKey key) {
    return devices
        .routes()
        .publish(
            new Route(
                key,
                bound.handle(),
                bound.label(),
                domain.handle(),
                domain.plan().faultQueue(),
                Drains.servesEveryPasid(domain, key),
                bound.core().policy().faultTimeoutNanos(),
                0));
  }

  /** Takes the device's own addresses out of the space; for requests without a PASID only. */
  static List<AddressSpace.Reservation> reserve(DeviceCore device, DomainCore domain, int pasid) {
    Space space = domain.baseSpace();
    List<AddressSpace.Reservation> taken = new ArrayList<>();
    if (space == null || pasid != DmaRequest.NO_PASID) {
      return taken;
    }
    boolean complete = false;
    try {
      for (ReservedRegion region : device.reservedRegions()) {
        if (region.type() != ReservedRegion.Type.DIRECT_RELAXABLE) {
          taken.add(space.reserve(region.range(), device.name() + " (" + region.type() + ")"));
        }
      }
      complete = true;
      return taken;
    } finally {
      if (!complete) {
        taken.forEach(AddressSpace.Reservation::close);
      }
    }
  }

  /** The gate follows a table no longer, unless another place of the device leads there. */
  private static void leave(DeviceCore device, Table table) {
    boolean used = device.places().values().stream().anyMatch(p -> p.table.orElse(null) == table);
    if (!used) {
      table.leave(device.gate());
    }
  }

  // ---- replace -----------------------------------------------------------------------------

  Attachment replace(BoundDevice bound, AttachTarget target, int pasid, ChangeMode mode) {
    structure.lock();
    try {
      DeviceCore device = bound.live();
      Place old =
          device
              .place(pasid)
              .orElseThrow(
                  () ->
                      new IoasisException(
                          Reason.INVALID,
                          "replace refused: nothing is at %s; attach it"
                              .formatted(new RoutingKey(device.sourceId(), pasid))));
      HostedDevice hosted = devices.ensureHosted(device);
      DomainCore domain = resolve(bound, hosted.host(), target, pasid);
      if (domain == old.domain) {
        return old.attachment;
      }
      try {
        fits.checkAlone(bound, domain, pasid);
        return exchangeGroup(bound, old, domain, mode);
      } finally {
        domains.release(domain);
      }
    } finally {
      structure.unlock();
    }
  }

  /** A group changes together: all of it or, on a refusal, none of it. */
  private Attachment exchangeGroup(
      BoundDevice bound, Place old, DomainCore domain, ChangeMode mode) {
    int pasid = old.key().pasid();
    List<DeviceCore> done = new ArrayList<>();
    boolean complete = false;
    try {
      for (DeviceCore member : devices.members(bound.core())) {
        Place there = member.place(pasid).orElse(null);
        if (there != null && there.domain == old.domain) {
          exchange(member.binding(), devices.ensureHosted(member), there, domain, mode);
          done.add(member);
        }
      }
      complete = true;
    } finally {
      if (!complete) {
        for (DeviceCore member : done) {
          exchange(member.binding(), member.hosted(), member.places().get(pasid), old.domain, mode);
        }
      }
    }
    return bound.core().places().get(pasid).attachment;
  }

  private void exchange(
      BoundDevice bound, HostedDevice hosted, Place old, DomainCore domain, ChangeMode mode) {
    DeviceCore device = bound.core();
    RoutingKey key = old.key();
    int pasid = key.pasid();
    Route before = devices.routes().table().find(key).orElse(null);
    Place place = new Place(domain, old.allocated);
    Table table = domain.require(hosted.host());
    boolean sameSpace = domain.baseSpace() == old.domain.baseSpace();
    place.reservations = sameSpace ? old.reservations : reserve(device, domain, pasid);
    devices.objects().use(bound.handle(), domain.handle());
    long version = publish(bound, domain, key);
    table.join(device.gate());
    boolean complete = false;
    try {
      ring(device, hosted, table, key);
      place.attachment =
          exchangeEntry(bound, hosted, old, domain, table, new Change(mode, version));
      complete = true;
    } finally {
      if (!complete) {
        devices.routes().restore(key, before);
        leave(device, table);
        devices.objects().unuse(bound.handle(), domain.handle());
        if (!sameSpace) {
          place.reservations.forEach(AddressSpace.Reservation::close);
        }
      }
    }
    place.table = Optional.of(table);
    device.places().put(pasid, place);
    domain.attached(key, device.facts());
    device.refreshCoherence();
    drains.table(device, old);
    old.table.ifPresent(was -> leave(device, was));
    if (!sameSpace) {
      old.reservations.forEach(AddressSpace.Reservation::close);
    }
    old.domain.detached(key);
    devices.objects().unuse(bound.handle(), old.domain.handle());
    domains.release(old.domain);
  }

  private record Change(ChangeMode mode, long version) {}

  /**
   * Without a window if the format allows it; otherwise by a closed port, if that is acceptable.
   */
  private Attachment exchangeEntry(
      BoundDevice bound,
      HostedDevice hosted,
      Place old,
      DomainCore domain,
      Table table,
      Change change) {
    DeviceCore device = bound.core();
    RoutingKey key = old.key();
    Table was = old.table.orElseThrow();
    try {
      AttachOutcome outcome =
          hosted.replace(key.pasid(), was.hosted(), table.hosted(), ChangeMode.HITLESS);
      return attachment(bound, domain, key, change.version(), outcome);
    } catch (IoasisException e) {
      if (e.reason() != Reason.UNSUPPORTED) {
        throw Fits.asAttach(e);
      }
      if (change.mode() == ChangeMode.HITLESS) {
        throw e;
      }
      if (!device.policy().recoverable() && device.policy().waitNanos() == 0) {
        throw new IoasisException(
            Reason.UNSUPPORTED,
            "replace refused: %s neither recovers from a refused request nor waits, and %s"
                .formatted(device, e.getMessage()),
            e);
      }
    }
    device.gate().close(PortGate.Closed.MOVING);
    try {
      AttachOutcome outcome =
          hosted.replace(key.pasid(), was.hosted(), table.hosted(), ChangeMode.WINDOW_ALLOWED);
      device.gate().open(PortGate.Closed.MOVING);
      return new Attachment(
          key,
          bound.label(),
          domain.handle(),
          outcome.reservations(),
          change.version(),
          false,
          Math.max(1, device.gate().lastWindowNanos()),
          device.gate().lastWindowBlocked());
    } catch (IoasisException e) {
      throw Fits.asAttach(e);
    } finally {
      device.gate().open(PortGate.Closed.MOVING);
    }
  }

  // ---- detach ------------------------------------------------------------------------------

  /** Empties a place; does nothing if it is empty. The lock is taken. */
  void detach(DeviceCore device, BoundDevice bound, int pasid) {
    structure.lock();
    try {
      device.place(pasid).ifPresent(place -> empty(device, bound, place));
    } finally {
      structure.unlock();
    }
  }

  private void empty(DeviceCore device, BoundDevice bound, Place place) {
    if (device.places().size() == 1) {
      device.gate().close(PortGate.Closed.UNATTACHED);
    }
    quiesce(device, place);
    drain(device, place);
    forget(device, bound, place);
  }

  /**
   * Answers what the device waits for at a place, then clears the entry: the other way round a
   * device whose page requests are switched off with its last entry would not take the answer. A
   * request that comes in between has no route and is answered INVALID. The lock is held.
   */
  void quiesce(DeviceCore device, Place place) {
    devices.routes().remove(place.key());
    drain(device, place);
    clearEntry(device, place);
  }

  /** Lets a place go whose entry is clear and whose faults are drained; the lock is held. */
  void forget(DeviceCore device, BoundDevice bound, Place place) {
    RoutingKey key = place.key();
    if (device.places().size() == 1) {
      device.gate().close(PortGate.Closed.UNATTACHED);
    }
    device.places().remove(key.pasid());
    place.table.ifPresent(table -> leave(device, table));
    place.table = Optional.empty();
    place.reservations.forEach(AddressSpace.Reservation::close);
    place.domain.detached(key);
    devices.routes().remove(key);
    device.refreshCoherence();
    if (device.places().isEmpty()) {
      settleEmpty(device);
    }
    devices.objects().unuse(bound.handle(), place.domain.handle());
    domains.release(place.domain);
  }

  /** Nothing is attached: whatever else kept the port closed begins anew with the next attach. */
  private static void settleEmpty(DeviceCore device) {
    HostedDevice hosted = device.hosted();
    device.quarantined(false);
    device.takeBlocked();
    device.gate().open(PortGate.Closed.MOVING);
    device.gate().open(PortGate.Closed.BEHIND);
    if (hosted == null || hosted.host().isServing()) {
      device.gate().open(PortGate.Closed.UNIT);
    }
  }

  /**
   * Clears the entry of a place. While no driver is there to do it, the port is closed until one
   * has: what is to be cleared then is what no place asks for.
   */
  private static void clearEntry(DeviceCore device, Place place) {
    HostedDevice hosted = device.hosted();
    if (hosted == null || place.table.isEmpty() || !hosted.isAlive() || device.isAway()) {
      return;
    }
    try {
      Table was = place.table.get();
      hosted.detach(place.key().pasid(), was.hosted());
      place.table = Optional.empty();
      leave(device, was);
    } catch (IoasisException e) {
      LOG.warn("domain: the entry of {} is left to the next driver", place.key(), e);
      device.gate().close(PortGate.Closed.UNIT);
    }
  }

  /** Empties the unit's queue of a place and closes what waits there; waits for no handler. */
  void drain(DeviceCore device, Place place) {
    drains.place(device, place);
  }

  /** The device has left the fabric: every place is emptied; its binding stays. */
  private void depart(DeviceCore device) {
    BoundDevice bound = device.binding();
    for (Place place : device.all()) {
      empty(device, bound, place);
    }
    if (device.interrupts() != null) {
      device.interrupts().release();
    }
    HostedDevice hosted = device.hosted();
    device.hosted(null);
    if (hosted != null) {
      try {
        hosted.close();
      } catch (IoasisException e) {
        LOG.warn("domain: {} was not forgotten by its unit", device, e);
      }
    }
  }
}
