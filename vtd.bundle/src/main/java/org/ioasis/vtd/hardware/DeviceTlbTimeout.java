package org.ioasis.vtd.hardware;

import java.util.concurrent.TimeUnit;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.machine.Profile;

/** How long a device may take to complete an invalidate request: a profile parameter. */
final class DeviceTlbTimeout {
  /** Name of the parameter, in milliseconds, 1 to 60,000, by default {@value #DEFAULT_MILLIS}. */
  static final String PARAMETER = "devicetlb.timeout.millis";

  private static final long DEFAULT_MILLIS = 1000;

  /** What PCIe allows a device at most. */
  private static final long MOST_MILLIS = 60_000;

  private DeviceTlbTimeout() {}

  /**
   * The time-out of a profile.
   *
   * @throws IoasisException INVALID naming the parameter
   */
  static long nanos(Profile profile) {
    long millis = profile.parameter(PARAMETER, DEFAULT_MILLIS);
    if (millis < 1 || millis > MOST_MILLIS) {
      throw new IoasisException(
          Reason.INVALID,
          "profile parameter %s=%d is not 1 to %d".formatted(PARAMETER, millis, MOST_MILLIS));
    }
    return TimeUnit.MILLISECONDS.toNanos(millis);
  }
}
