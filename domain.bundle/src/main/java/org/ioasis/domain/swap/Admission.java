package org.ioasis.domain.swap;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.domain.SwapObjection;
import org.ioasis.api.domain.SwapRequest;
import org.ioasis.api.driver.DomainFlag;
import org.ioasis.api.driver.DriverCapabilities;
import org.ioasis.api.driver.DriverFeature;
import org.ioasis.api.driver.ReservedRegion;
import org.ioasis.api.ioasid.IdBound;
import org.ioasis.api.ioasid.Pasid;
import org.ioasis.domain.device.DeviceCore;
import org.ioasis.domain.device.Mover;
import org.ioasis.domain.hwpt.DomainCore;
import org.ioasis.domain.hwpt.Domains;
import org.ioasis.domain.space.Space;
import org.ioasis.domain.unit.HostedDevice;
import org.ioasis.domain.unit.UnitHost;

/**
 * Everything that stands against a swap, before anything is touched: each domain's space, flags and
 * format, each device's source id, reserved ranges, PASIDs and coherence, against the new unit.
 * What the new unit can do is asked of its driver by making a table and a blocked device and ending
 * them at once.
 *
 * <p><b>Threading:</b> the lock of the structure is held.
 */
final class Admission {
  private final Mover mover;
  private final Domains domains;
  private final List<SwapObjection> objections = new ArrayList<>();
  private final List<DomainCore> lost = new ArrayList<>();

  Admission(Mover mover, Domains domains) {
    this.mover = mover;
    this.domains = domains;
  }

  /** What stands against it; formats that the policy gives up are in {@link #lost}. */
  List<SwapObjection> objections() {
    return objections;
  }

  /** The domains whose format the new unit cannot read. */
  List<DomainCore> lost() {
    return lost;
  }

  Admission check(SwapRequest request, UnitHost from, UnitHost to) {
    if (!to.isServing()) {
      object(
          "unit " + to.unitId(),
          Reason.GONE,
          "no driver serves unit %s (%s); start its bundle".formatted(to.unitId(), to.state()));
      return this;
    }
    if (request.order() == SwapRequest.Order.MAKE_BEFORE_BREAK
        && (from == null || !from.isServing())) {
      object(
          "unit " + request.oldUnit(),
          Reason.GONE,
          "make before break needs both units, and %s is %s; use break before make"
              .formatted(request.oldUnit(), from == null ? "not installed" : from.state()));
    }
    for (DomainCore domain : mover.domainsOf(request.oldUnit())) {
      checkDomain(request, domain, to);
    }
    for (DeviceCore device : mover.devicesOf(request.oldUnit())) {
      if (!Mover.domainsAt(device).isEmpty()) {
        checkDevice(device, to);
      }
    }
    return this;
  }

  private void object(String what, Reason reason, String message) {
    objections.add(new SwapObjection(what, reason, message));
  }

  private void checkDomain(SwapRequest request, DomainCore domain, UnitHost to) {
    if (domain.plan().isOfAKind()) {
      if (!Mover.canCarry(domain, to)) {
        lost.add(domain);
        if (request.formats() == SwapRequest.Formats.REFUSE) {
          object(
              domain.title(),
              Reason.UNSUPPORTED,
              "%s holds a user's tables in the format of %s, unit %s is %s; quarantine it (formats) or detach it"
                  .formatted(domain.title(), domain.kind(), to.unitId(), to.kind()));
        }
      }
      return;
    }
    try {
      domains.probe(domain, to).forEach(o -> object(domain.title(), o.reason(), o.message()));
    } catch (IoasisException e) {
      object(domain.title(), e.reason(), e.getMessage());
    }
  }

  private void checkDevice(DeviceCore device, UnitHost to) {
    DriverCapabilities can = to.capabilities();
    String name = Mover.nameOf(device);
    for (int pasid : Mover.pasidsOf(device)) {
      try {
        new IdBound("unit " + to.unitId(), can.pasidBits()).admit(new Pasid(pasid));
        if (can.pasidBits() == 0) {
          object(name, Reason.INVALID, "unit %s has no PASIDs".formatted(to.unitId()));
        }
      } catch (IoasisException e) {
        object(name, e.reason(), e.getMessage());
      }
    }
    boolean enforced =
        Mover.domainsAt(device).stream()
            .anyMatch(domain -> domain.flags().contains(DomainFlag.ENFORCE_SNOOP));
    if (enforced && !can.has(DriverFeature.ENFORCE_SNOOP)) {
      object(
          name,
          Reason.UNSUPPORTED,
          "unit %s cannot enforce snooping, which makes %s coherent now"
              .formatted(to.unitId(), name));
    }
    checkPlace(device, to);
  }

  /** Whether the unit can know the device at all, and whether its reserved ranges are free. */
  private void checkPlace(DeviceCore device, UnitHost to) {
    HostedDevice probe;
    try {
      probe = to.addDevice(Mover.factsOf(device));
    } catch (IoasisException e) {
      object(Mover.nameOf(device), e.reason(), e.getMessage());
      return;
    }
    try {
      Set<Space> spaces = new HashSet<>(Mover.ridSpaces(device));
      for (ReservedRegion region : probe.reservedRegions()) {
        for (Space space : spaces) {
          if (isMapped(space, region)) {
            object(
                space.title(),
                Reason.RESERVED,
                "%s has mappings in 0x%x..0x%x, which unit %s reserves (%s); unmap them"
                    .formatted(
                        space.title(),
                        region.range().first(),
                        region.range().last(),
                        to.unitId(),
                        region.type()));
          }
        }
      }
    } finally {
      probe.close();
    }
  }

  private static boolean isMapped(Space space, ReservedRegion region) {
    boolean[] met = {false};
    space.mappings(
        region.range(),
        mapping -> {
          met[0] = true;
          return false;
        });
    return met[0];
  }
}
