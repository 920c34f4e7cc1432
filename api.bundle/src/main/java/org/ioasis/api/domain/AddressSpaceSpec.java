package org.ioasis.api.domain;

import java.util.Objects;
import java.util.Set;

/**
 * What an address space is made of.
 *
 * @param name for people and messages
 * @param widthBits no IOVA at or above 2^widthBits; 64 for no bound
 * @param granuleLg2 every mapping is aligned to 2^granuleLg2 bytes at least; 0 for what the devices
 *     need
 * @param portableKinds kinds of unit the space must always fit: what one of them could not do is
 *     refused when it is asked for, so the space never becomes unfit for a swap
 * @param hugePages whether pages above the granule may be used
 */
public record AddressSpaceSpec(
    String name, int widthBits, int granuleLg2, Set<String> portableKinds, boolean hugePages) {
  /** Copies the set and checks the widths. */
  public AddressSpaceSpec {
    Objects.requireNonNull(name, "name");
    portableKinds = Set.copyOf(portableKinds);
    if (widthBits < 12 || widthBits > 64 || granuleLg2 < 0 || granuleLg2 > 30) {
      throw new IllegalArgumentException(
          "address space %s: widthBits %d is not 12 to 64 or granuleLg2 %d not 0 to 30"
              .formatted(name, widthBits, granuleLg2));
    }
  }

  /** A space without bounds of its own. */
  public static AddressSpaceSpec named(String name) {
    return new AddressSpaceSpec(name, 64, 0, Set.of(), true);
  }

  /** The same, always fit for these kinds of unit. */
  public AddressSpaceSpec portable(Set<String> kinds) {
    return new AddressSpaceSpec(name, widthBits, granuleLg2, kinds, hugePages);
  }

  /** The same, no wider than this. */
  public AddressSpaceSpec width(int bits) {
    return new AddressSpaceSpec(name, bits, granuleLg2, portableKinds, hugePages);
  }
}
