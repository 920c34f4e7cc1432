package org.ioasis.kit.driver;

import java.util.function.BooleanSupplier;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.machine.TimeSource;

/**
 * Waiting for a unit, on the machine&#39;s clock and never for ever.
 *
 * <p><b>Threading:</b> any thread.
 */
public final class UnitWait {
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final String unitId;
  private final TimeSource time;
  private final long timeoutNanos;

  /**
   * Waiting for one unit.
   *
   * @param timeoutNanos how long it may take to acknowledge anything
   */
  public UnitWait(String unitId, TimeSource time, long timeoutNanos) {
    this.unitId = unitId;
    this.time = time;
    this.timeoutNanos = timeoutNanos;
  }

  /** The clock. */
  public long nanoTime() {
    return time.nanoTime();
  }

  /** Waits; false after the driver&#39;s time-out. */
  public boolean await(BooleanSupplier condition) {
    return condition.getAsBoolean() || time.await(condition, timeoutNanos);
  }

  /**
   * Waits longer than usual, for something that devices take part in.
   *
   * @param moreNanos added to the driver&#39;s time-out
   */
  public boolean await(BooleanSupplier condition, long moreNanos) {
    return condition.getAsBoolean() || time.await(condition, timeoutNanos + moreNanos);
  }

  /**
   * Waits for the unit to acknowledge something.
   *
   * @param what what it should show, as its registers print it
   * @throws IoasisException TIMED_OUT after the driver&#39;s time-out
   */
  public void require(BooleanSupplier condition, String what) {
    if (!await(condition)) {
      throw new IoasisException(
          Reason.TIMED_OUT,
          "unit %s did not acknowledge %s within %d ms; reset it or raise timeout.millis"
              .formatted(unitId, what, timeoutMillis()));
    }
  }

  /** The time-out of one wait, in milliseconds. */
  public long timeoutMillis() {
    return timeoutNanos / NANOS_PER_MILLI;
  }
}
