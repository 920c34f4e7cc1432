package org.ioasis.smmuv3.hardware;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.ioasis.api.machine.AtcInvalidation;
import org.ioasis.api.machine.Endpoint;
import org.ioasis.api.machine.TimeSource;
import org.ioasis.api.machine.UnitEnvironment;

/**
 * Invalidations that devices have not answered yet. "CMD_ATC_INV", "CMD_SYNC". A device that is not
 * there, or answers "unsupported request", counts as done. One that says nothing within the
 * time-out makes the next CMD_SYNC fail.
 *
 * <p><b>Threading:</b> {@link #send} from the command queue's turn; devices answer and timers fire
 * on any thread. The object's monitor guards its fields and is a leaf.
 */
final class AtcInvalidations {
  /** Name of the profile parameter: how long a device may take, in milliseconds. */
  static final String TIMEOUT = "atc.timeout.millis";

  /** Below the second after which drivers give up on CMD_SYNC. */
  static final long DEFAULT_TIMEOUT_MILLIS = 500;

  private static final long NANOS_PER_MILLI = 1_000_000;

  private final UnitEnvironment environment;
  private final long timeoutNanos;
  private final Runnable settled;
  private int outstanding; // guarded by this
  private boolean timedOut; // guarded by this
  private long era; // guarded by this

  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong unanswered = new AtomicLong();

  /**
   * @param settled run when the last outstanding one has been answered or given up
   */
  AtcInvalidations(UnitEnvironment environment, long timeoutMillis, Runnable settled) {
    this.environment = environment;
    this.timeoutNanos = timeoutMillis * NANOS_PER_MILLI;
    this.settled = settled;
  }

  /** Tells a device; without the unit's lock. */
  void send(AtcInvalidation invalidation) {
    Optional<Endpoint> device = environment.endpoint(invalidation.sourceId());
    if (device.isEmpty()) {
      return;
    }
    sent.incrementAndGet();
    Answer answer;
    synchronized (this) {
      outstanding++;
      answer = new Answer(era);
    }
    device.get().invalidateAtc(invalidation, () -> answer.given(false));
    answer.startTimer();
  }

  /** Whether every one has been answered or given up. */
  synchronized boolean isSettled() {
    return outstanding == 0;
  }

  /** Whether one was given up since the last time this was asked. */
  synchronized boolean takeTimedOut() {
    boolean was = timedOut;
    timedOut = false;
    return was;
  }

  /** Forgets everything; with a reset or an import. */
  synchronized void clear() {
    era++;
    outstanding = 0;
    timedOut = false;
  }

  /** Adds the counters. */
  void count(Map<String, Long> counters) {
    counters.put("atc.sent", sent.get());
    counters.put("atc.unanswered", unanswered.get());
  }

  /** The answer to one invalidation: the device's or the timer's, whichever is first. */
  private final class Answer {
    private final long asked;
    private boolean done;
    private TimeSource.Timer timer;

    Answer(long asked) {
      this.asked = asked;
    }

    void startTimer() {
      synchronized (AtcInvalidations.this) {
        if (done) {
          return;
        }
      }
      TimeSource.Timer started = environment.time().schedule(timeoutNanos, () -> given(true));
      boolean late;
      synchronized (AtcInvalidations.this) {
        timer = started;
        late = done;
      }
      if (late) {
        started.cancel();
      }
    }

    void given(boolean byTimer) {
      TimeSource.Timer running;
      boolean last;
      synchronized (AtcInvalidations.this) {
        if (done) {
          return;
        }
        done = true;
        running = timer;
        last = asked == era && --outstanding == 0;
        timedOut |= byTimer && asked == era;
      }
      if (byTimer) {
        unanswered.incrementAndGet();
      } else if (running != null) {
        running.cancel();
      }
      if (last) {
        settled.run();
      }
    }
  }
}
