package org.ioasis.api.device;

/**
 * How a device wants to be treated.
 *
 * @param recoverable whether it survives a refused request, so that a blocked window is acceptable
 * @param waitNanos how long its DMA waits at a blocked port before it fails; 0 fails at once
 * @param faultTimeoutNanos time-out of its fault groups, 0 for the default
 * @param logUnattached whether requests while unattached are logged besides being blocked
 */
public record DevicePolicy(
    boolean recoverable, long waitNanos, long faultTimeoutNanos, boolean logUnattached) {
  /** Does not survive refusals, does not wait, default time-out, logged. */
  public static final DevicePolicy CAUTIOUS = new DevicePolicy(false, 0, 0, true);
}
