package org.ioasis.domain.swap;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.domain.DomainEvent;
import org.ioasis.api.domain.SwapObjection;
import org.ioasis.api.domain.SwapReport;
import org.ioasis.api.domain.SwapRequest;
import org.ioasis.api.domain.SwapService;
import org.ioasis.domain.device.DeviceCore;
import org.ioasis.domain.device.Devices;
import org.ioasis.domain.device.EventBus;
import org.ioasis.domain.device.Mover;
import org.ioasis.domain.hwpt.DomainCore;
import org.ioasis.domain.hwpt.Domains;
import org.ioasis.domain.hwpt.Table;
import org.ioasis.domain.space.Space;
import org.ioasis.domain.unit.UnitHost;
import org.ioasis.domain.unit.UnitHosts;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The exchange of units under load.
 *
 * <p><b>Make before break.</b> Every domain of the old unit gets a table on the new one, filled
 * from its space in bounded chunks while map and unmap reach both; the lock of the structure is
 * free meanwhile. Then device by device. At last the old tables end, their dirty marks kept.
 * <b>Break before make</b>: all devices are closed, the old tables end, the new ones are filled,
 * the devices open.
 *
 * <p>The old unit stays installed. It is switched off and started afresh, with nothing behind it;
 * whoever wants it gone stops its bundle.
 *
 * <p><b>Threading:</b> any thread, outside bursts; one swap at a time. Holds the lock of life
 * cycles throughout, so that no unit or driver comes or goes in the middle, and the lock of the
 * structure in short steps.
 */
public final class Swapper implements SwapService {
  private static final Logger LOG = LoggerFactory.getLogger(Swapper.class);

  private final UnitHosts hosts;
  private final Devices devices;
  private final Domains domains;
  private final Mover mover;
  private final EventBus events;
  private final ReentrantLock structure;
  private final ReentrantLock one = new ReentrantLock();

  /** Over these parts. */
  public Swapper(
      UnitHosts hosts,
      Devices devices,
      Domains domains,
      Mover mover,
      EventBus events,
      ReentrantLock structure) {
    this.hosts = hosts;
    this.devices = devices;
    this.domains = domains;
    this.mover = mover;
    this.events = events;
    this.structure = structure;
  }

  @Override
  public List<String> quarantined() {
    return devices.quarantined();
  }

  @Override
  public SwapReport dryRun(SwapRequest request) {
    return exclusively(request, true);
  }

  @Override
  public SwapReport swap(SwapRequest request) {
    SwapReport report = exclusively(request, false);
    if (report.performed()) {
      LOG.info(
          "domain: swapped {} for {}: {} mappings, {} devices",
          request.oldUnit(),
          request.newUnit(),
          report.mappings(),
          report.devices().size());
      events.post(number -> new DomainEvent.Swapped(number, report));
    }
    return report;
  }

  private SwapReport exclusively(SwapRequest request, boolean dry) {
    if (one.isHeldByCurrentThread() || !one.tryLock()) {
      throw new IoasisException(
          Reason.BUSY,
          "swap of %s refused: another swap is under way".formatted(request.oldUnit()));
    }
    try {
      hosts.life().lock();
      try {
        return checked(request, dry);
      } finally {
        hosts.life().unlock();
      }
    } finally {
      one.unlock();
    }
  }

  private SwapReport checked(SwapRequest request, boolean dry) {
    UnitHost to = hosts.require(request.newUnit());
    UnitHost from = hosts.host(request.oldUnit()).orElse(null);
    if (from == null && mover.devicesOf(request.oldUnit()).isEmpty()) {
      hosts.require(request.oldUnit());
    }
    SwapTally tally = new SwapTally(request, hosts.framesHeld());
    if (from == to) {
      return driverAlone(to, tally, dry);
    }
    Admission admission = new Admission(mover, domains);
    structure.lock();
    try {
      admission.check(request, from, to);
      tally.mappings(mappings(request.oldUnit()));
    } finally {
      structure.unlock();
    }
    tally.object(admission.objections());
    if (dry) {
      admission.lost().forEach(domain -> tally.lost(domain.title()));
      structure.lock();
      try {
        mover.devicesOf(request.oldUnit()).stream()
            .filter(device -> !Mover.domainsAt(device).isEmpty())
            .forEach(device -> tally.wouldMove(device.endpoint().name()));
      } finally {
        structure.unlock();
      }
      return tally.report(false, hosts.framesHeld());
    }
    if (!admission.objections().isEmpty()) {
      return tally.report(false, hosts.framesHeld());
    }
    loseFormats(request, admission.lost(), to, tally);
    boolean done =
        request.order() == SwapRequest.Order.MAKE_BEFORE_BREAK
            ? makeBeforeBreak(from, to, tally)
            : breakBeforeMake(request, to, tally);
    if (done && from != null) {
      hosts.renew(from);
    }
    return tally.report(done, hosts.framesHeld());
  }

  private long mappings(String unitId) {
    Set<Space> spaces = new LinkedHashSet<>();
    for (DomainCore domain : mover.domainsOf(unitId)) {
      if (domain.plan().space() != null) {
        spaces.add(domain.plan().space());
      }
    }
    return spaces.stream().mapToLong(Space::mappingCount).sum();
  }

  private SwapReport driverAlone(UnitHost host, SwapTally tally, boolean dry) {
    structure.lock();
    try {
      tally.mappings(mappings(host.unitId()));
    } finally {
      structure.unlock();
    }
    if (!dry) {
      hosts.exchangeDriver(host);
      if (!host.isServing()) {
        tally.object(
            List.of(
                new SwapObjection(
                    "unit " + host.unitId(),
                    Reason.HARDWARE,
                    "the new driver did not start; the unit is blocked")));
      }
    }
    return tally.report(!dry && host.isServing(), hosts.framesHeld());
  }

  /** By policy: the devices of what the new unit cannot read are blocked, their users told. */
  private void loseFormats(
      SwapRequest request, List<DomainCore> lost, UnitHost to, SwapTally tally) {
    structure.lock();
    try {
      for (DomainCore domain : lost) {
        tally.lost(domain.title());
        mover.lose(domain, to);
      }
      for (DeviceCore device : mover.devicesOf(request.oldUnit())) {
        if (Mover.domainsAt(device).stream().anyMatch(DomainCore::isLost)) {
          Mover.Moved left = mover.leave(device);
          long closed = mover.quarantine(device, to);
          tally.add(
              new Mover.Moved(
                  left.device(),
                  0,
                  left.blocked(),
                  left.carried() - closed,
                  left.stalls(),
                  0,
                  true));
          tally.closed(closed);
        }
      }
      lost.forEach(domain -> domain.dropTable(request.oldUnit()));
    } finally {
      structure.unlock();
    }
  }

  // ---- make before break ------------------------------------------------------------------------

  private boolean makeBeforeBreak(UnitHost from, UnitHost to, SwapTally tally) {
    try {
      fillAll(from, to);
    } catch (IoasisException e) {
      dropAll(to, from);
      tally.object(List.of(new SwapObjection("unit " + to.unitId(), e.reason(), e.getMessage())));
      return false;
    }
    List<DeviceCore> moved = new ArrayList<>();
    for (DeviceCore next = next(from); next != null; next = next(from)) {
      giveWay();
      try {
        moveOne(next, to, tally);
        moved.add(next);
      } catch (IoasisException e) {
        tally.object(List.of(new SwapObjection(Mover.nameOf(next), e.reason(), e.getMessage())));
        goBack(moved, from, to, tally);
        return false;
      }
    }
    giveWay();
    structure.lock();
    try {
      for (DomainCore domain : mover.domainsOf(from.unitId())) {
        domain.moveHome(to);
        domain.dropTable(from.unitId());
      }
    } finally {
      structure.unlock();
    }
    return true;
  }

  /**
   * Lets a device run that waits for this processor, before its port closes and when it is open
   * again: otherwise its gap would be as long as the host lets one thread keep a processor.
   */
  @SuppressWarnings("ThreadPriorityCheck") // for speed alone
  private static void giveWay() {
    Thread.yield();
  }

  /** Gives every domain of the old unit a table on the new one; those that come meanwhile too. */
  private void fillAll(UnitHost from, UnitHost to) {
    Map<DomainCore, Boolean> seen = new HashMap<>();
    while (true) {
      List<DomainCore> open = new ArrayList<>();
      structure.lock();
      try {
        for (DomainCore domain : mover.domainsOf(from.unitId())) {
          if (!domain.isLost()
              && domain.table(to).isEmpty()
              && seen.putIfAbsent(domain, true) == null) {
            open.add(domain);
          }
        }
      } finally {
        structure.unlock();
      }
      if (open.isEmpty()) {
        return;
      }
      for (DomainCore domain : open) {
        fill(domain, to);
      }
    }
  }

  private void fill(DomainCore domain, UnitHost to) {
    if (domain.plan().isOfAKind()) {
      structure.lock();
      try {
        domain.require(to);
      } finally {
        structure.unlock();
      }
      return;
    }
    Table made = domains.build(domain, to); // in chunks, the lock free
    structure.lock();
    try {
      if (domains.all().contains(domain) && domain.table(to).isEmpty()) {
        domain.install(made);
      } else {
        made.end();
      }
    } finally {
      structure.unlock();
    }
  }

  /** A device that is still behind the old unit; null if none is. */
  private DeviceCore next(UnitHost from) {
    List<DeviceCore> left = mover.devicesOf(from.unitId());
    return left.isEmpty() ? null : left.get(0);
  }

  private void moveOne(DeviceCore device, UnitHost to, SwapTally tally) {
    structure.lock();
    try {
      if (Mover.domainsAt(device).isEmpty()) {
        mover.assign(device, to);
      } else if (Mover.isServed(device)) {
        tally.add(mover.move(device, to));
      } else {
        tally.add(mover.arrive(device, to, mover.leave(device)));
      }
    } finally {
      structure.unlock();
    }
  }

  /** One device did not fit: those that went before it come back. */
  private void goBack(List<DeviceCore> moved, UnitHost from, UnitHost to, SwapTally tally) {
    structure.lock();
    try {
      for (DeviceCore device : moved) {
        if (Mover.domainsAt(device).isEmpty()) {
          mover.assign(device, from);
        } else if (Mover.isServed(device)) {
          tally.back(mover.move(device, from));
        } else {
          tally.back(mover.arrive(device, from, mover.leave(device)));
        }
      }
    } catch (IoasisException e) {
      LOG.error("domain: a device did not come back to unit {}", from.unitId(), e);
    } finally {
      structure.unlock();
    }
    dropAll(to, from);
  }

  /** The tables on a unit of the domains that belong to another end. */
  private void dropAll(UnitHost on, UnitHost belongsTo) {
    structure.lock();
    try {
      mover.domainsOf(belongsTo.unitId()).forEach(domain -> domain.dropTable(on.unitId()));
    } finally {
      structure.unlock();
    }
  }

  // ---- break before make ------------------------------------------------------------------------

  private boolean breakBeforeMake(SwapRequest request, UnitHost to, SwapTally tally) {
    structure.lock();
    try {
      Map<DeviceCore, Mover.Moved> left = new HashMap<>();
      List<DeviceCore> all = mover.devicesOf(request.oldUnit());
      for (DeviceCore device : all) {
        if (Mover.domainsAt(device).isEmpty()) {
          mover.assign(device, to);
        } else {
          left.put(device, mover.leave(device));
        }
      }
      List<DomainCore> moving = mover.domainsOf(request.oldUnit());
      moving.forEach(domain -> domain.dropTable(request.oldUnit()));
      for (DomainCore domain : moving) {
        if (!domain.isLost()) {
          make(domain, to);
        }
      }
      for (DeviceCore device : all) {
        if (left.containsKey(device)) {
          tally.add(mover.arrive(device, to, left.get(device)));
        }
      }
      return true;
    } finally {
      structure.unlock();
    }
  }

  private static void make(DomainCore domain, UnitHost to) {
    domain.moveHome(to);
    try {
      domain.require(to);
    } catch (IoasisException e) {
      LOG.error("domain: {} was not made on unit {}", domain, to.unitId(), e);
    }
  }
}
