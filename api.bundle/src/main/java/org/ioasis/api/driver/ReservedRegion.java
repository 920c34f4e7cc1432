package org.ioasis.api.driver;

import java.util.Objects;
import org.ioasis.api.IovaRange;

/**
 * Addresses that are not free for mappings of a device.
 *
 * @param range the addresses
 * @param type why
 * @param access for {@link Type#DIRECT}: READ, WRITE and EXECUTE bits of {@link
 *     org.ioasis.api.machine.DmaRequest} to map one to one with; else 0
 */
public record ReservedRegion(IovaRange range, Type type, int access) {
  /** Why addresses are reserved. */
  public enum Type {
    /** The device uses them all the time: mapped one to one in whatever is attached. */
    DIRECT,
    /** As DIRECT, but gone once a driver of the device's own has taken it over. */
    DIRECT_RELAXABLE,
    /** Interrupts: the unit does not translate writes here. */
    INTERRUPTS,
    /** Interrupts by an ordinary mapping that software has to make. */
    SOFTWARE_INTERRUPTS,
    /** Not translated, or not routed to memory. */
    UNUSABLE
  }

  /** A region has a range and a type. */
  public ReservedRegion {
    Objects.requireNonNull(range, "range");
    Objects.requireNonNull(type, "type");
  }
}
