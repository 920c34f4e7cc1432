package org.ioasis.api.device;

import java.util.List;
import java.util.Objects;
import org.ioasis.api.Handle;
import org.ioasis.api.domain.Domain;
import org.ioasis.api.driver.PasidReservation;

/**
 * What is attached at one place of a device.
 *
 * @param key the place
 * @param label the label its user chose
 * @param domain what is attached
 * @param reservations PASIDs that it takes from the device, and why
 * @param version of the routing table in which it came in
 * @param hitless whether no request met a blocked window when it came in
 * @param windowNanos length of that window, 0 if hitless
 * @param faultsInWindow requests refused in that window
 */
public record Attachment(
    RoutingKey key,
    long label,
    Handle<Domain> domain,
    List<PasidReservation> reservations,
    long version,
    boolean hitless,
    long windowNanos,
    long faultsInWindow) {
  /** Copies the list. */
  public Attachment {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(domain, "domain");
    reservations = List.copyOf(reservations);
  }
}
