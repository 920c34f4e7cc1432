package org.ioasis.api.domain;

import java.util.Objects;

/**
 * What is to be exchanged. Units are named; hardware and driver of the old one go, those of the new
 * one take over all devices that the platform serves.
 *
 * @param oldUnit unit that goes
 * @param newUnit unit that takes over; may be the same for a driver alone
 * @param order which comes first
 * @param formats what to do with a user's tables that the new unit cannot read
 */
public record SwapRequest(String oldUnit, String newUnit, Order order, Formats formats) {
  /** Which comes first. */
  public enum Order {
    /** New tables are filled beside the old ones; needs both units. */
    MAKE_BEFORE_BREAK,
    /** Ports are blocked until the new tables are filled. */
    BREAK_BEFORE_MAKE
  }

  /** What to do with nested domains, virtual IOMMUs and PASID tables of another vendor's format. */
  public enum Formats {
    /** Refuse the swap. */
    REFUSE,
    /** Quarantine their devices and tell their users {@link DomainEvent.FormatLost}. */
    QUARANTINE
  }

  /** Everything is stated. */
  public SwapRequest {
    Objects.requireNonNull(oldUnit, "oldUnit");
    Objects.requireNonNull(newUnit, "newUnit");
    Objects.requireNonNull(order, "order");
    Objects.requireNonNull(formats, "formats");
  }

  /** Make before break; refuses where formats would be lost. */
  public static SwapRequest of(String oldUnit, String newUnit) {
    return new SwapRequest(oldUnit, newUnit, Order.MAKE_BEFORE_BREAK, Formats.REFUSE);
  }
}
