package org.ioasis.iopf.core;

import java.util.List;
import org.ioasis.api.driver.BatchResult;
import org.ioasis.api.driver.FaultAnswer;
import org.ioasis.api.fault.Fault;
import org.ioasis.api.fault.FaultReport;
import org.ioasis.api.fault.FaultResponse;

/**
 * Keeps records of what happens: for the log and the flight recorder.
 *
 * <p><b>Threading:</b> any thread; quick.
 */
public interface Watcher {
  /** Keeps none. */
  Watcher NONE = new Watcher() {};

  /** A group was answered. */
  default void answered(List<Fault> faults, FaultResponse response, String by, long waitedNanos) {}

  /** A fault that ended badly, within the rate limit. */
  default void report(FaultReport report) {}

  /** A unit lost records. */
  default void lost(String unitId, boolean recoverable, long atLeast) {}

  /** A handler, observer, listener or signal threw. */
  default void threw(String who, Throwable thrown) {}

  /** A handler met the time-out while it was being called. */
  default void stalled(String handler, List<Fault> faults) {}

  /** An answer could not be sent. */
  default void unsent(FaultAnswer answer, BatchResult result) {}
}
