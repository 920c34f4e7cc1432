package org.ioasis.vtd.hardware;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.ioasis.api.machine.AtcInvalidation;
import org.ioasis.api.machine.TimeSource;
import org.ioasis.kit.layout.Field;
import org.ioasis.kit.registers.RegisterFile;
import org.ioasis.vtd.format.Fsts;
import org.ioasis.vtd.format.QueueRegisters;
import org.ioasis.vtd.format.RegisterMap;

/**
 * Invalidate requests that devices have not completed. VT-d, "Device-TLB Invalidate Descriptor".
 *
 * <p>A device that is silent for the time-out, or is not there at all, costs FSTS.ITE with its
 * source id in IQERCD. A completion that nobody waits for, a second one or one after the time-out,
 * costs FSTS.ICE and stops nothing.
 *
 * <p><b>Threading:</b> {@link #issue} in the queue's turn, without the lock; completions from any
 * thread; what is outstanding is guarded by the unit's lock.
 */
final class DeviceTlbs {
  private final UnitCore core;
  private final RegisterFile<VtdUnit> registers;
  private final long timeoutNanos;

  /** Guarded by the unit's lock. */
  private final Set<Request> outstanding = new HashSet<>();

  private final AtomicLong issued = new AtomicLong();
  private final AtomicLong timeouts = new AtomicLong();
  private final AtomicLong unexpected = new AtomicLong();

  /** Counts what was given up by a reset; guarded by the unit's lock. */
  private int era;

  /**
   * @param timeoutNanos how long a device may take
   */
  DeviceTlbs(UnitCore core, long timeoutNanos) {
    this.core = core;
    this.registers = core.registers;
    this.timeoutNanos = timeoutNanos;
  }

  /** One request under way. */
  private final class Request {
    private final int sourceId;
    private final int issuedIn;
    private TimeSource.Timer timer; // of the issuing turn, then guarded by the lock

    Request(int sourceId, int issuedIn) {
      this.sourceId = sourceId;
      this.issuedIn = issuedIn;
    }

    void completed() {
      TimeSource.Timer running = null;
      core.enter();
      try {
        if (outstanding.remove(this)) {
          running = timer;
          core.later(UnitCore.RUN_QUEUE);
        } else if (issuedIn == era) {
          unexpected.incrementAndGet();
          fail(Fsts.ICE, QueueRegisters.ICESID, sourceId);
        }
      } finally {
        core.leave();
      }
      if (running != null) {
        running.cancel();
      }
    }

    void timedOut() {
      core.enter();
      try {
        if (outstanding.remove(this)) {
          timeouts.incrementAndGet();
          fail(Fsts.ITE, QueueRegisters.ITESID, sourceId);
          core.later(UnitCore.RUN_QUEUE);
        }
      } finally {
        core.leave();
      }
    }
  }

  /** Raises an error; its source id is taken when its bit goes from 0 to 1. Under the lock. */
  private void fail(Field error, Field source, int sourceId) {
    if (!error.isSet(registers.peek(RegisterMap.FSTS))) {
      long old = registers.peek(RegisterMap.IQERCD);
      registers.poke(RegisterMap.IQERCD, source.put(old, sourceId));
    }
    core.faultEvent.raise(error.mask());
  }

  /** Sends an invalidate request to its device. */
  void issue(AtcInvalidation invalidation) {
    Request request;
    core.enter();
    try {
      request = new Request(invalidation.sourceId() & 0xFFFF, era);
      outstanding.add(request);
    } finally {
      core.leave();
    }
    issued.incrementAndGet();
    TimeSource.Timer timer = core.environment.time().schedule(timeoutNanos, request::timedOut);
    core.enter();
    try {
      request.timer = timer;
    } finally {
      core.leave();
    }
    core.environment
        .endpoint(invalidation.sourceId())
        .ifPresent(endpoint -> endpoint.invalidateAtc(invalidation, request::completed));
  }

  /** Whether every request has been completed or has timed out. Under the lock. */
  boolean isDrained() {
    return outstanding.isEmpty();
  }

  /** Waits for none of them any more: a reset, an import, the end of the queue. Under the lock. */
  void abandon() {
    era++;
    for (Request request : outstanding) {
      if (request.timer != null) {
        request.timer.cancel();
      }
    }
    outstanding.clear();
  }

  /** Adds the counters. */
  void count(Map<String, Long> counters) {
    counters.put("devicetlb.invalidations", issued.get());
    counters.put("devicetlb.timeouts", timeouts.get());
    counters.put("devicetlb.unexpected", unexpected.get());
  }
}
