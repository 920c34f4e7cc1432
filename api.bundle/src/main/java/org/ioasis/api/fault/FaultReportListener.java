package org.ioasis.api.fault;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Told of faults that have ended badly. Registered as a service.
 *
 * <p><b>Threading:</b> from an ordered queue of its own; a slow one loses the oldest and is
 * counted.
 */
@FunctionalInterface
@ConsumerType
public interface FaultReportListener {
  /** A report. */
  void report(FaultReport report);
}
