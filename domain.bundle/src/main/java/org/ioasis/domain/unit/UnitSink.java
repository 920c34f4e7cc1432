package org.ioasis.domain.unit;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.ioasis.api.driver.FaultAnswer;
import org.ioasis.api.driver.FaultKind;
import org.ioasis.api.driver.FaultSink;
import org.ioasis.api.driver.RecoverableFault;
import org.ioasis.api.driver.UnrecoverableFault;
import org.ioasis.api.machine.PageResponse;

/**
 * Where the records of one unit's driver go: to the router's sink while a router is there;
 * otherwise every group and every stalled transaction is answered INVALID. The same for every
 * driver of the unit, so that groups begun before an exchange are completed after it.
 *
 * <p>It remembers which transactions the unit holds, so that a swap can tell their devices to ask
 * again.
 *
 * <p><b>Threading:</b> any thread; {@code target} is written when a router comes or goes.
 */
final class UnitSink implements FaultSink {
  private record Stall(int sourceId, int tag) {}

  private final Consumer<FaultAnswer> answers;
  private final ConcurrentMap<Stall, RecoverableFault> stalls = new ConcurrentHashMap<>();
  private final AtomicLong recoverable = new AtomicLong();
  private final AtomicLong unrecoverable = new AtomicLong();
  private final AtomicLong lost = new AtomicLong();
  private final AtomicLong unrouted = new AtomicLong();
  private volatile FaultSink target;

  /**
   * @param answers gives an answer later, from a turn of the machine
   */
  UnitSink(Consumer<FaultAnswer> answers) {
    this.answers = answers;
  }

  /** Sends what comes from now on to a router's sink, or with null to nobody. */
  void target(FaultSink sink) {
    target = sink;
  }

  @Override
  public void recoverable(RecoverableFault fault) {
    recoverable.incrementAndGet();
    if (fault.kind() == FaultKind.STALL) {
      stalls.put(new Stall(fault.sourceId(), fault.group()), fault);
    }
    FaultSink to = target;
    if (to != null) {
      to.recoverable(fault);
    } else if (fault.last() && !fault.stopMarker()) {
      unrouted.incrementAndGet();
      answers.accept(FaultAnswer.to(fault, PageResponse.Code.INVALID_REQUEST));
    }
  }

  @Override
  public void unrecoverable(UnrecoverableFault fault) {
    unrecoverable.incrementAndGet();
    FaultSink to = target;
    if (to != null) {
      to.unrecoverable(fault);
    }
  }

  @Override
  public void lost(boolean ofRequests, long atLeast) {
    lost.addAndGet(atLeast);
    FaultSink to = target;
    if (to != null) {
      to.lost(ofRequests, atLeast);
    }
  }

  @Override
  public void withdrawn(RecoverableFault fault) {
    stalls.remove(new Stall(fault.sourceId(), fault.group()));
    FaultSink to = target;
    if (to != null) {
      to.withdrawn(fault);
    }
  }

  @Override
  public void drained() {
    FaultSink to = target;
    if (to != null) {
      to.drained();
    }
  }

  /** An answer has reached the driver. */
  void answered(FaultAnswer answer) {
    if (answer.kind() == FaultKind.STALL) {
      stalls.remove(new Stall(answer.sourceId(), answer.group()));
    }
  }

  /**
   * Ends what the unit holds for a device: whoever was to answer is told that it is too late.
   *
   * @return how many
   */
  int withdrawStalls(int sourceId) {
    List<RecoverableFault> held = new ArrayList<>();
    stalls.forEach(
        (stall, fault) -> {
          if (stall.sourceId() == sourceId) {
            held.add(fault);
          }
        });
    held.forEach(this::withdrawn);
    return held.size();
  }

  /** Adds the counters. */
  void count(Map<String, Long> counters) {
    counters.put("faults.recoverable", recoverable.get());
    counters.put("faults.unrecoverable", unrecoverable.get());
    counters.put("faults.lost", lost.get());
    counters.put("faults.unrouted", unrouted.get());
    counters.put("stalls.held", (long) stalls.size());
  }
}
