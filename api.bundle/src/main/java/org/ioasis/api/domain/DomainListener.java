package org.ioasis.api.domain;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Told of events beneath address spaces. Registered as a service.
 *
 * <p><b>Threading:</b> in order, from a queue of its own, without a lock held; nobody waits for it.
 */
@FunctionalInterface
@ConsumerType
public interface DomainListener {
  /** An event. */
  void event(DomainEvent event);
}
