package org.ioasis.domain.space;

import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.fault.Fault;
import org.ioasis.api.fault.FaultGroup;
import org.ioasis.api.fault.FaultHandler;
import org.ioasis.api.fault.FaultResponse;

/**
 * Serves the faults of a page table that follows a space: memory that fills on demand, copies on
 * write, and rights that a process-like space has changed. The page comes into every follower
 * before the answer, or the answer is INVALID.
 *
 * <p><b>Threading:</b> any thread.
 */
public final class DemandHandler implements FaultHandler {
  private final Space space;

  /** For the page tables of a space. */
  public DemandHandler(Space space) {
    this.space = space;
  }

  @Override
  public void handle(FaultGroup group) {
    boolean served = true;
    for (Fault fault : group.faults()) {
      served = served && space.fault(fault.address(), fault.access());
    }
    try {
      group.complete(served ? FaultResponse.SUCCESS : FaultResponse.INVALID);
    } catch (IoasisException e) {
      if (e.reason() != Reason.LATE) {
        throw e;
      }
    }
  }
}
