package org.ioasis.api.driver;

import java.util.List;
import java.util.Objects;

/**
 * How an attach or replace went.
 *
 * @param hitless whether no request could meet a blocked or torn entry
 * @param windowNanos length of the blocked window, 0 if hitless
 * @param reservations PASIDs that this attachment takes from the device, with why
 * @param sync what the invalidations met
 */
public record AttachOutcome(
    boolean hitless, long windowNanos, List<PasidReservation> reservations, SyncResult sync) {
  /** Copies the list. */
  public AttachOutcome {
    reservations = List.copyOf(reservations);
    Objects.requireNonNull(sync, "sync");
  }
}
