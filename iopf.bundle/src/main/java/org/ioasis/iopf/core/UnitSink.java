package org.ioasis.iopf.core;

import org.ioasis.api.driver.FaultSink;
import org.ioasis.api.driver.RecoverableFault;
import org.ioasis.api.driver.UnrecoverableFault;
import org.ioasis.api.fault.Route;

/**
 * Where the driver of one unit hands its records over. Validates, finds the route and passes on to
 * the device's lane; never calls a handler, a driver or a user.
 *
 * <p><b>Threading:</b> as {@link FaultSink}; a unit with two queues calls from two threads.
 */
final class UnitSink implements FaultSink {
  private final Router router;
  private final String unitId;

  UnitSink(Router router, String unitId) {
    this.router = router;
    this.unitId = unitId;
  }

  String unitId() {
    return unitId;
  }

  @Override
  public void recoverable(RecoverableFault fault) {
    Counters counters = router.counters();
    counters.count(Counter.RECEIVED);
    if (!Checks.isWellFormed(fault)) {
      counters.count(Counter.MALFORMED);
      refuse(fault);
      return;
    }
    if (Checks.isStop(fault)) {
      counters.count(Counter.STOP_MARKERS);
      Lane lane = router.laneIfThere(fault.sourceId());
      if (lane != null) {
        lane.stopped(fault.pasid());
      }
      return;
    }
    Route route = router.route(fault.sourceId(), fault.pasid());
    TimeWheel wheel = router.wheel();
    if (route == null || wheel == null || router.isClosed()) {
      counters.count(Counter.UNROUTED);
      refuse(fault);
      return;
    }
    router.lane(fault.sourceId()).accept(fault, this, route, wheel);
  }

  /** Only the last request of a group gets a response. */
  private void refuse(RecoverableFault fault) {
    if (fault.last()) {
      Lane lane = router.laneIfThere(fault.sourceId());
      (lane == null ? router.stray() : lane).refuse(fault);
    }
  }

  @Override
  public void unrecoverable(UnrecoverableFault fault) {
    router.reports().unrecoverable(unitId, fault);
  }

  @Override
  public void lost(boolean recoverable, long atLeast) {
    router.counters().add(recoverable ? Counter.LOST : Counter.LOST_REPORTS, atLeast);
    router.watcher().lost(unitId, recoverable, atLeast);
    if (recoverable) {
      router.lanes().forEach(lane -> lane.lost(this));
    }
  }

  @Override
  public void withdrawn(RecoverableFault fault) {
    Lane lane = router.laneIfThere(fault.sourceId());
    if (lane != null) {
      lane.withdrawn(fault);
    }
  }
}
