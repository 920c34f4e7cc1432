package org.ioasis.api.device;

import org.ioasis.api.Handle;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Hears when a tenant gets its first device and loses its last, for example because a processor
 * must then treat its memory differently. Registered as a service; the platform runs without any.
 *
 * <p><b>Threading:</b> without a lock held; one call at a time per tenant. {@link #first} is waited
 * for: no DMA of the device passes before every observer has returned.
 */
@ConsumerType
public interface AssignmentObserver {
  /**
   * A tenant gets its first device.
   *
   * @param coherent whether everything it can request is coherent
   * @return closed once after the last device has gone and the grace has passed
   * @throws RuntimeException refuses the assignment
   */
  AutoCloseable first(Handle<Tenant> tenant, boolean coherent);

  /** The coherence of a tenant with devices changes; waited for like {@link #first}. */
  default void changed(Handle<Tenant> tenant, boolean coherent) {}
}
