package org.ioasis.domain.device;

import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.device.RoutingKey;
import org.ioasis.api.driver.DomainFlag;
import org.ioasis.api.driver.PasidReservation;
import org.ioasis.api.driver.ReservedRegion;
import org.ioasis.api.ioasid.IdBound;
import org.ioasis.api.ioasid.Pasid;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.domain.hwpt.DomainCore;
import org.ioasis.domain.unit.UnitHost;

/**
 * Whether a domain may be at a place of a device.
 *
 * <p><b>Threading:</b> the lock of the structure is held.
 */
final class Fits {
  private final Devices devices;

  Fits(Devices devices) {
    this.devices = devices;
  }

  private static IoasisException invalid(RoutingKey key, String why, Object... values) {
    return new IoasisException(
        Reason.INVALID, "attach at %s refused: ".formatted(key) + why.formatted(values));
  }

  /**
   * Whether device and unit have a PASID, and no attachment takes it.
   *
   * @throws IoasisException INVALID naming the bound or what takes it
   */
  void checkPasid(DeviceCore device, UnitHost host, int pasid) {
    if (pasid == DmaRequest.NO_PASID) {
      return;
    }
    RoutingKey key = new RoutingKey(device.sourceId(), pasid);
    if (pasid < 0 || pasid >= 1 << Pasid.MAX_BITS) {
      throw invalid(key, "a PASID is 0 to 0xfffff");
    }
    Pasid id = new Pasid(pasid);
    int deviceBits = device.endpoint().pasidBits();
    int unitBits = host.capabilities().pasidBits();
    if (deviceBits == 0 || unitBits == 0) {
      throw invalid(
          key, "%s has no PASIDs", deviceBits == 0 ? device.toString() : "unit " + host.unitId());
    }
    new IdBound(device.toString(), deviceBits).admit(id);
    new IdBound("unit " + host.unitId(), unitBits).admit(id);
    for (Place place : device.all()) {
      for (PasidReservation taken : place.reserved()) {
        if (taken.pasid() == pasid) {
          throw invalid(
              key,
              "the attachment at %s takes PASID 0x%x for %s",
              place.key(),
              pasid,
              taken.cause());
        }
      }
    }
  }

  /**
   * Whether the domain fits unit, place and group.
   *
   * @throws IoasisException INVALID with what does not fit; NOT_FOUND for a nested domain of a
   *     virtual IOMMU that does not know the device; GONE if its format was lost
   */
  void check(BoundDevice bound, DomainCore domain, int pasid) {
    checkAlone(bound, domain, pasid);
    DeviceCore device = bound.core();
    checkGroup(device, domain, new RoutingKey(device.sourceId(), pasid));
  }

  /** The same without a look at the group, which changes with it. */
  void checkAlone(BoundDevice bound, DomainCore domain, int pasid) {
    DeviceCore device = bound.core();
    RoutingKey key = new RoutingKey(device.sourceId(), pasid);
    if (domain.isLost()) {
      throw new IoasisException(
          Reason.GONE, "attach at %s refused: the format of %s was lost".formatted(key, domain));
    }
    String unit = device.hosted().host().unitId();
    if (!domain.unitId().equals(unit)) {
      throw invalid(
          key,
          "%s is of unit %s, the device is behind %s; make a domain for it",
          domain,
          domain.unitId(),
          unit);
    }
    if (domain.plan().viommu() != null && !domain.plan().viommu().knows(bound.handle())) {
      throw new IoasisException(
          Reason.NOT_FOUND,
          "attach at %s refused: %s has no virtual device for it"
              .formatted(key, domain.plan().viommu().title()));
    }
    checkPasidFlag(device, domain, key);
    for (ReservedRegion region : device.reservedRegions()) {
      if (region.type() == ReservedRegion.Type.DIRECT && !key.hasPasid()) {
        throw invalid(
            key,
            "0x%x..0x%x must stay mapped one to one for the device",
            region.range().first(),
            region.range().last());
      }
    }
  }

  /** Beside PASIDs, and at one, only domains that were made for it. */
  private static void checkPasidFlag(DeviceCore device, DomainCore domain, RoutingKey key) {
    boolean able = domain.flags().contains(DomainFlag.PASID);
    if (key.hasPasid() && !able) {
      throw invalid(key, "%s was not made with PASID", domain);
    }
    if (!key.hasPasid() && !able && device.hasPasids()) {
      throw invalid(key, "%s was not made with PASID, and PASIDs are attached beside it", domain);
    }
    if (key.hasPasid()) {
      device
          .place(DmaRequest.NO_PASID)
          .filter(rid -> !rid.domain.flags().contains(DomainFlag.PASID))
          .ifPresent(
              rid -> {
                throw invalid(
                    key, "%s is attached without a PASID and was not made with PASID", rid.domain);
              });
    }
  }

  /** What cannot be told apart is attached to the same domain. */
  private void checkGroup(DeviceCore device, DomainCore domain, RoutingKey key) {
    for (DeviceCore other : devices.members(device)) {
      if (other != device) {
        other
            .place(key.pasid())
            .filter(place -> place.domain != domain)
            .ifPresent(
                place -> {
                  throw invalid(
                      key,
                      "%s of its group is attached to %s; the hardware cannot tell them apart",
                      other,
                      place.domain);
                });
      }
    }
  }

  /** A driver's refusal in the words of an attach. */
  static IoasisException asAttach(IoasisException e) {
    return switch (e.reason()) {
      case EXISTS -> new IoasisException(Reason.BUSY, e.getMessage(), e);
      case UNSUPPORTED -> new IoasisException(Reason.INVALID, e.getMessage(), e);
      default -> e;
    };
  }
}
