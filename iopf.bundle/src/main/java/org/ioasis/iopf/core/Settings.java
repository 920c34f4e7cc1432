package org.ioasis.iopf.core;

import org.ioasis.api.fault.FaultService;

/**
 * The router's bounds.
 *
 * @param groupsLg2 log2 of the groups that one device may have open
 * @param partialFaults faults of incomplete groups kept per device
 * @param groupFaults most faults of one group
 * @param partialNanos age at which an incomplete group is dropped
 * @param timeoutNanos time-out of a group where no rule says otherwise
 * @param rate groups per device and second; 0 for no limit
 * @param burst groups a device may send at once under the rate
 * @param reportRate reports and log lines of unrecoverable faults per device and second; 0 for no
 *     limit
 * @param reportBurst reports of one device at once
 * @param mailbox calls kept for a slow observer or listener
 */
public record Settings(
    int groupsLg2,
    int partialFaults,
    int groupFaults,
    long partialNanos,
    long timeoutNanos,
    long rate,
    long burst,
    long reportRate,
    long reportBurst,
    int mailbox) {
  /** The bounds that hold unless the configuration says otherwise. */
  public static final Settings DEFAULT =
      new Settings(
          9,
          1024,
          512,
          1_000_000_000L,
          FaultService.DEFAULT_TIMEOUT_NANOS,
          1_000_000,
          8192,
          10,
          10,
          1024);

  /** Checks the ranges. */
  public Settings {
    require(groupsLg2 >= 0 && groupsLg2 <= 16, "groupsLg2", groupsLg2, "0 to 16");
    require(partialFaults >= 1, "partialFaults", partialFaults, "1 or more");
    require(groupFaults >= 1, "groupFaults", groupFaults, "1 or more");
    require(partialNanos >= 1, "partialNanos", partialNanos, "1 or more");
    require(timeoutNanos >= 1, "timeoutNanos", timeoutNanos, "1 or more");
    require(rate >= 0 && rate <= 1_000_000_000, "rate", rate, "0 to 1000000000");
    require(burst >= 1, "burst", burst, "1 or more");
    require(reportRate >= 0 && reportRate <= 1_000_000_000, "reportRate", reportRate, "0 to 10^9");
    require(reportBurst >= 1, "reportBurst", reportBurst, "1 or more");
    require(mailbox >= 1, "mailbox", mailbox, "1 or more");
  }

  private static void require(boolean holds, String name, long value, String range) {
    if (!holds) {
      throw new IllegalArgumentException("%s %d is not %s".formatted(name, value, range));
    }
  }

  /** The same with other limits on devices. */
  public Settings limiting(int newGroupsLg2, long newRate, long newBurst) {
    return new Settings(
        newGroupsLg2,
        partialFaults,
        groupFaults,
        partialNanos,
        timeoutNanos,
        newRate,
        newBurst,
        reportRate,
        reportBurst,
        mailbox);
  }
}
