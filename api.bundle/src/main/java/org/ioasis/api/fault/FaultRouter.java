package org.ioasis.api.fault;

import org.ioasis.api.driver.FaultSink;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The router as the owner of the drivers sees it: where their records go. Registered as a service
 * by the router; the platform runs without one, and then the owner answers every recoverable fault
 * INVALID by itself.
 *
 * <p>A router that goes closes what is open before its service is gone.
 *
 * <p><b>Threading:</b> any thread, outside bursts, without a lock that {@link FaultOrigin} needs.
 */
@ProviderType
public interface FaultRouter {
  /**
   * Where the records of a unit's driver go. A driver that is exchanged gets the same sink, so that
   * groups begun before are completed after.
   *
   * @param unitId identity of the unit
   */
  FaultSink sink(String unitId);

  /**
   * Closes what is open in the scope, after the hardware's queues have been emptied into the sinks.
   * Called when attachments, page tables or PASIDs end, before the entry is cleared, so that the
   * device can take the answers, and once more after. Waits for no handler.
   */
  DrainReport drain(DrainScope scope);

  /**
   * Groups of the scope that wait for an answer: what a swap carries over. They keep their cookies;
   * the answer goes to the driver that serves the device when it is given.
   */
  int open(DrainScope scope);
}
