package org.ioasis.api.fault;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Serves the faults of one page table. Registered as a service with {@value #DOMAIN}; of several
 * with the same value the highest service ranking counts. A page table without one answers INVALID.
 *
 * <p>A handler that throws has answered FAILURE for the groups it has not answered; one that
 * vanishes, INVALID; one that stalls meets the time-out. None delays another device's faults.
 *
 * <p><b>Threading:</b> groups of one device are handed over one at a time and in order, those of
 * different devices side by side; no lock is held. A handler that needs long returns and answers
 * later.
 */
@FunctionalInterface
@ConsumerType
public interface FaultHandler {
  /** Service property: identity of the domain, an Integer. */
  String DOMAIN = "ioasis.domain";

  /** A group to be answered by {@link FaultGroup#complete}. */
  void handle(FaultGroup group);
}
