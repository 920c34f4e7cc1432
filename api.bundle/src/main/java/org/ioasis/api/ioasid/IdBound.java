package org.ioasis.api.ioasid;

import java.util.Objects;

/**
 * One thing that an id must fit: an endpoint, a unit, a table format.
 *
 * @param what its name, for messages
 * @param bits width of the ids it takes, 0 to 20
 */
public record IdBound(String what, int bits) {
  /** Checks the width. */
  public IdBound {
    Objects.requireNonNull(what, "what");
    if (bits < 0 || bits > Pasid.MAX_BITS) {
      throw new IllegalArgumentException(
          "bound by %s: %d bits is not 0 to 20".formatted(what, bits));
    }
  }
}
