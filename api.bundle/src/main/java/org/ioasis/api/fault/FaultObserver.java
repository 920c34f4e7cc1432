package org.ioasis.api.fault;

import java.util.List;
import org.ioasis.api.Handle;
import org.ioasis.api.domain.Domain;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Looks on without a right to answer. Registered as a service, with {@link FaultHandler#DOMAIN} for
 * one page table or without for all.
 *
 * <p><b>Threading:</b> from an ordered queue of its own, after the fact; a slow one loses the
 * oldest and is counted.
 */
@ConsumerType
public interface FaultObserver {
  /** A group was handed to a handler or queue. */
  void delivered(Handle<Domain> domain, List<Fault> faults);

  /**
   * A group was answered.
   *
   * @param by who: a handler's or queue's name, {@code time-out}, {@code drain}, {@code no handler}
   */
  void answered(Handle<Domain> domain, List<Fault> faults, FaultResponse response, String by);
}
