package org.ioasis.domain.device;

import org.ioasis.api.IoasisException;
import org.ioasis.api.device.RoutingKey;
import org.ioasis.api.driver.DomainFlag;
import org.ioasis.api.driver.IommuDriver;
import org.ioasis.api.fault.DrainScope;
import org.ioasis.api.fault.FaultRouter;
import org.ioasis.domain.hwpt.DomainCore;
import org.ioasis.domain.unit.HostedDevice;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends what waits for an answer: empties the unit's queue into the router, then has the router
 * close what is open. Waits for no handler.
 *
 * <p><b>Threading:</b> under the lock of the structure.
 */
final class Drains {
  private static final Logger LOG = LoggerFactory.getLogger(Drains.class);

  private final Devices devices;

  Drains(Devices devices) {
    this.devices = devices;
  }

  /** Whatever waits at a place, for which page table ever; with a user's PASIDs, if he has some. */
  void place(DeviceCore device, Place place) {
    int pasid = pasids(place);
    drain(device, place, pasid, DrainScope.of(new RoutingKey(device.sourceId(), pasid)));
  }

  /** What waits at a place for the page table there; what goes to its successor stays. */
  void table(DeviceCore device, Place place) {
    drain(device, place, pasids(place), new DrainScope(place.domain.handle(), place.key()));
  }

  private void drain(DeviceCore device, Place place, int pasid, DrainScope scope) {
    HostedDevice hosted = device.hosted();
    try {
      if (hosted != null && hosted.host().isServing()) {
        hosted.host().drain(device.sourceId(), pasid);
      }
    } catch (IoasisException e) {
      LOG.warn("domain: the faults of {} were not drained", place.key(), e);
    }
    FaultRouter router = devices.router();
    if (router != null) {
      router.drain(scope);
    }
  }

  /** A user's PASID table is there for every PASID. */
  private static int pasids(Place place) {
    return servesEveryPasid(place.domain, place.key())
        ? IommuDriver.ALL_PASIDS
        : place.key().pasid();
  }

  /** Whether a page table at a place stands for PASIDs that have no place of their own. */
  static boolean servesEveryPasid(DomainCore domain, RoutingKey key) {
    return !key.hasPasid() && domain.flags().contains(DomainFlag.USER_PASID_TABLE);
  }
}
