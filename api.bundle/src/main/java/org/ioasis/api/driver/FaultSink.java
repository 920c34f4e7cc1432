package org.ioasis.api.driver;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Takes what a driver reads from its unit's fault and page-request queues.
 *
 * <p><b>Threading:</b> called from a turn of the machine's scheduler or from a thread inside {@link
 * IommuDriver#drain}, records of one queue in order and never two at once; no lock of the driver is
 * held. Returns quickly and waits for nobody: the queue behind it fills meanwhile.
 */
@ConsumerType
public interface FaultSink {
  /** A device waits for a page. */
  void recoverable(RecoverableFault fault);

  /** A request has failed. */
  void unrecoverable(UnrecoverableFault fault);

  /**
   * The unit lost records.
   *
   * @param recoverable whether it was the queue of page requests; groups under way there are
   *     incomplete for good, and those the hardware answered itself are not named
   * @param atLeast how many, as far as can be told; 1 if only that there were some
   */
  void lost(boolean recoverable, long atLeast);

  /**
   * The hardware has ended something by itself that was reported as recoverable; an answer is no
   * longer possible.
   *
   * @param fault as it was reported
   */
  void withdrawn(RecoverableFault fault);

  /** Everything that was queued at the interrupt has been handed over. */
  default void drained() {}
}
