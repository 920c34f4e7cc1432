package org.ioasis.api.fault;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Serves the faults of one page table. Registered as a service with {@value #DOMAIN}; of several
 * with the same value the highest service ranking counts. A page table without one answers INVALID.
 *
 * <p>A handler that throws has answered FAILURE for the group it was given, unless it had answered
 * it; one that vanishes, INVALID for all it has not answered; one that stalls meets the time-out,
 * and until it returns further groups of its page table are answered INVALID at once. None delays
 * another device's faults, nor those of the device's other page tables for longer than a time-out.
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
