package org.ioasis.domain.device;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.ioasis.api.IoasisException;
import org.ioasis.api.device.Attachment;
import org.ioasis.api.domain.DomainEvent;
import org.ioasis.api.driver.AttachOutcome;
import org.ioasis.domain.hwpt.DomainCore;
import org.ioasis.domain.hwpt.Domains;
import org.ioasis.domain.hwpt.Table;
import org.ioasis.domain.unit.HostedDevice;
import org.ioasis.domain.unit.PortGate;
import org.ioasis.domain.unit.UnitHost;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes on a unit what devices had on one that is gone: break before make.
 *
 * <p><b>Threading:</b> the lock of the structure is held.
 */
final class Rebuild {
  private static final Logger LOG = LoggerFactory.getLogger(Rebuild.class);

  private final Devices devices;
  private final Domains domains;

  Rebuild(Devices devices, Domains domains) {
    this.devices = devices;
    this.domains = domains;
  }

  /**
   * Makes the tables of every domain that belongs to a unit and has none there. One whose format
   * the unit cannot read is lost.
   *
   * @return titles of the domains that were lost
   */
  List<String> tables(String belongsTo, UnitHost host) {
    List<String> lost = new ArrayList<>();
    for (DomainCore domain : domains.all()) {
      if (!domain.unitId().equals(belongsTo) || domain.isLost()) {
        continue;
      }
      if (domain.plan().isOfAKind() && !canCarry(domain, host)) {
        lose(domain, host);
        lost.add(domain.title());
        continue;
      }
      try {
        domain.require(host);
        domain.moveHome(host);
      } catch (IoasisException e) {
        LOG.error("domain: {} was not made on unit {}", domain, host.unitId(), e);
      }
    }
    return lost;
  }

  /** Whether a user's format can be read there: the same kind, and no slice of the old unit. */
  static boolean canCarry(DomainCore domain, UnitHost host) {
    return domain.kind().equals(host.kind()) && domain.plan().viommu() == null;
  }

  void lose(DomainCore domain, UnitHost host) {
    domain.lose();
    LOG.warn("domain: {} cannot read the format of {}; its devices are blocked", host, domain);
    devices
        .events()
        .post(number -> new DomainEvent.FormatLost(number, domain.handle(), host.unitId()));
  }

  /**
   * Attaches a device anew at all its places and opens its port.
   *
   * @return whether it passes again; if not it stays blocked, in quarantine
   */
  boolean device(DeviceCore device, UnitHost host) {
    HostedDevice made = null;
    try {
      device.unit(host.unitId());
      made = devices.host(device, host);
      for (Place place : device.all()) {
        Table table = place.domain.require(host);
        if (place.reservations.isEmpty()) {
          place.reservations = Attaching.reserve(device, place.domain, place.key().pasid());
        }
        Attaching.ring(device, made, table, place.key());
        table.join(device.gate());
        AttachOutcome outcome = made.attach(place.key().pasid(), table.hosted());
        place.table = Optional.of(table);
        place.attachment = renewed(place.attachment, outcome);
      }
      device.quarantined(false);
      device.refreshCoherence();
      device.gate().open(PortGate.Closed.MOVING);
      device.gate().open(PortGate.Closed.BEHIND);
      device.gate().open(PortGate.Closed.UNIT);
      return true;
    } catch (IoasisException e) {
      LOG.error("domain: {} stays blocked: unit {} cannot serve it", device, host.unitId(), e);
      forget(device, made);
      device.quarantined(true);
      return false;
    }
  }

  /**
   * Raises the interrupts of a device again that met its closed port and may have given one up. One
   * that still waited when the port opened sends its message itself, so that none is doubled.
   */
  long replay(DeviceCore device) {
    boolean gaveUp =
        device.gate().lastWindowBlocked() > 0
            && device.gate().lastWindowNanos() >= device.policy().waitNanos();
    return device.interrupts() != null && gaveUp ? device.interrupts().replay() : 0;
  }

  private static Attachment renewed(Attachment before, AttachOutcome outcome) {
    return new Attachment(
        before.key(),
        before.label(),
        before.domain(),
        outcome.reservations(),
        before.version(),
        false,
        before.windowNanos(),
        before.faultsInWindow());
  }

  /** The device is behind no unit any more. */
  static void forget(DeviceCore device, HostedDevice at) {
    for (Place place : device.all()) {
      place.table.ifPresent(table -> table.leave(device.gate()));
      place.table = Optional.empty();
    }
    device.hosted(null);
    if (at != null) {
      try {
        at.close();
      } catch (IoasisException e) {
        LOG.warn("domain: {} was not forgotten by unit {}", device, at.host().unitId(), e);
      }
    }
  }
}
