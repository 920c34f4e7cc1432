package org.ioasis.iopf.core;

import java.util.ArrayList;
import java.util.List;
import org.ioasis.api.driver.RecoverableFault;

/**
 * A group whose last request has not come yet. It expires; no answer is owed, since a device waits
 * for a response only once it has sent the last request.
 *
 * <p><b>Threading:</b> guarded by the lane's lock.
 */
final class Partial extends TimeWheel.Due {
  final Lane lane;
  final UnitSink sink;
  final long key;
  final int pasid;
  final List<RecoverableFault> faults = new ArrayList<>(4);

  Partial(Lane lane, UnitSink sink, long key, int pasid) {
    this.lane = lane;
    this.sink = sink;
    this.key = key;
    this.pasid = pasid;
  }

  /** Whether a fault like this one is in the group already. */
  boolean repeats(RecoverableFault fault) {
    for (RecoverableFault one : faults) {
      if (one.address() == fault.address()
          && one.access() == fault.access()
          && one.privileged() == fault.privileged()) {
        return true;
      }
    }
    return false;
  }

  @Override
  void expire() {
    lane.expired(this);
  }
}
