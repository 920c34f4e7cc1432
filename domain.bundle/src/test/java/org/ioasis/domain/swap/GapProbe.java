package org.ioasis.domain.swap;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.ioasis.api.machine.DmaBurst;
import org.ioasis.api.machine.DmaPort;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Endpoint;
import org.ioasis.api.machine.EndpointSpec;
import org.ioasis.api.machine.Machine;
import org.ioasis.api.machine.PageResponse;
import org.ioasis.api.machine.PortControl;
import org.ioasis.api.machine.StallEnd;
import org.ioasis.api.machine.Translation;

/**
 * A device that stores some ten thousand times a second and measures, for every change of its unit,
 * the time from the last store that went through the old one to the first that went through the new
 * one. Which unit that was is read inside the burst, where it cannot change.
 *
 * <p>It rests between two stores: a thread that never does keeps others from running, or is itself
 * not run for milliseconds, whenever there are more threads than processors; the gap would be the
 * host's.
 *
 * <p><b>Threading:</b> one thread runs it; the figures are read when that has ended.
 */
final class GapProbe implements Endpoint, Runnable {
  private static final long REST_NANOS = 10_000; // a host makes some 60,000 of it

  private final DmaPort port;
  private final PortControl control;
  private final DmaBurst burst;
  private final DmaRequest request = new DmaRequest();
  private final int sourceId;
  private final long iova;
  private final List<Long> gaps = new ArrayList<>();
  private volatile boolean stop;
  private final AtomicLong changes = new AtomicLong();
  private long stores;
  private long blocked;
  private long refused;
  private long wrong;
  private long leaked;
  private long nanos;

  GapProbe(Machine machine, String name, int sourceId, long iova) {
    this.sourceId = sourceId;
    this.iova = iova;
    port =
        machine
            .fabric()
            .join(new EndpointSpec(name, sourceId, false, false, false, false, 0), this);
    control = machine.fabric().port(sourceId).orElseThrow();
    burst = port.burst();
  }

  @Override
  public void run() {
    String unit = null;
    long last = System.nanoTime();
    long began = last;
    for (long value = 1; !stop; value++) {
      String through = store(value);
      if (through != null) { // else closed, or opened in the middle: the next one tells
        long now = System.nanoTime();
        if (!through.equals(unit)) {
          if (unit != null) {
            gaps.add(now - last);
          }
          changes.incrementAndGet();
          unit = through;
        }
        last = now;
      }
      LockSupport.parkNanos(REST_NANOS);
    }
    nanos = System.nanoTime() - began;
  }

  /** Stores a word and reads it back in one burst; the unit that it went through, null if none. */
  private String store(long value) {
    burst.begin();
    try {
      String unit = control.unitId(); // from here on it can only be closed
      long at =
          burst.translate(
              request.set(
                  sourceId, DmaRequest.NO_PASID, iova, 8, DmaRequest.READ | DmaRequest.WRITE));
      if (!Translation.isPresent(at)) {
        if (Translation.refusal(at) == Translation.Refusal.BLOCKED) {
          blocked++;
        } else {
          refused++;
        }
        return null;
      }
      if (unit == null && control.unitId() == null) {
        leaked++;
      }
      burst.store(at, 8, value);
      wrong += burst.load(at, 8) == value ? 0 : 1;
      stores++;
      return unit;
    } finally {
      burst.end();
    }
  }

  /** Ends the run. */
  void stop() {
    stop = true;
  }

  /** How often the unit has changed so far, the first one included. */
  long changes() {
    return changes.get();
  }

  /** Every gap, in nanoseconds, in the order of the changes. */
  List<Long> gaps() {
    return gaps;
  }

  /** Requests that met the closed port. */
  long blocked() {
    return blocked;
  }

  /** Requests that were refused by a unit. */
  long refused() {
    return refused;
  }

  /** Words that did not come back as they were stored. */
  long wrong() {
    return wrong;
  }

  /** Stores that passed although the port was closed. */
  long leaked() {
    return leaked;
  }

  /** Stores per second of the time in which it was not waiting for its unit. */
  double storesPerSecond() {
    return stores * 1e9 / (nanos - gaps.stream().mapToLong(Long::longValue).sum());
  }

  @Override
  public void pageResponse(PageResponse response) {}

  @Override
  public void stallEnded(long stallTag, StallEnd end) {}

  @Override
  public void enable(boolean ats, boolean pageRequests, boolean pasid) {}

  @Override
  public void reset() {}
}
