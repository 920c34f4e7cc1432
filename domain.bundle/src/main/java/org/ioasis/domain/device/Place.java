package org.ioasis.domain.device;

import java.util.List;
import java.util.Optional;
import org.ioasis.api.device.Attachment;
import org.ioasis.api.device.RoutingKey;
import org.ioasis.api.domain.AddressSpace;
import org.ioasis.api.driver.PasidReservation;
import org.ioasis.domain.hwpt.DomainCore;
import org.ioasis.domain.hwpt.Table;

/**
 * What is attached at one place of a device. {@code table} is the table that the unit's entry leads
 * to; empty while the device is served by nobody.
 *
 * <p><b>Threading:</b> guarded by the lock of the structure; {@link #attachment} is immutable.
 */
final class Place {
  final DomainCore domain;
  final boolean allocated;
  Attachment attachment;
  Optional<Table> table = Optional.empty();
  List<AddressSpace.Reservation> reservations = List.of();

  /**
   * @param allocated whether its PASID was handed out by the allocator, so that its end ends this
   */
  Place(DomainCore domain, boolean allocated) {
    this.domain = domain;
    this.allocated = allocated;
  }

  RoutingKey key() {
    return attachment.key();
  }

  List<PasidReservation> reserved() {
    return attachment.reservations();
  }
}
