package org.ioasis.api.fault;

import java.util.List;
import org.ioasis.api.Handle;
import org.ioasis.api.driver.BatchResult;
import org.ioasis.api.driver.FaultAnswer;
import org.ioasis.api.driver.SyncResult;
import org.ioasis.api.machine.TimeSource;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The owner of the drivers as the router sees it: the routes, the way back to the devices, and
 * time. Registered as a service by whoever serves devices.
 *
 * <p><b>Threading:</b> any thread, outside bursts. {@link #routes} is one volatile read.
 */
@ProviderType
public interface FaultOrigin {
  /**
   * The routes now. A route is published before its entry is written. It is removed before what it
   * led to is drained, so that nothing new is handed on; what still comes is answered INVALID.
   */
  RoutingTable routes();

  /**
   * Answers groups and stalled transactions, each through the driver that now serves its source id;
   * after a swap this may be another unit&#39;s.
   *
   * @return how many were answered, and why it ended there; an answer to something that the
   *     hardware has ended by itself counts as answered, one to a device that nobody serves any
   *     more ends with GONE
   */
  BatchResult respond(List<FaultAnswer> answers);

  /**
   * Empties the queue of the unit that serves a source id into its sink.
   *
   * @param pasid as in {@link org.ioasis.api.driver.IommuDriver#drain}
   */
  SyncResult drain(int sourceId, int pasid);

  /** Whether a page table, attached or not, sends its faults to this queue. */
  boolean uses(Handle<FaultQueue> queue);

  /** The time of the machine whose devices are served. */
  TimeSource time();
}
