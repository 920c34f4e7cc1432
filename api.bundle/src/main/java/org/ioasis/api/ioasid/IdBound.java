package org.ioasis.api.ioasid;

import java.util.Objects;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;

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

  /** Highest number that fits. */
  public int max() {
    return (1 << bits) - 1;
  }

  /**
   * Checks an id that is about to be attached here. An id stays valid when a narrower unit starts
   * later; only its way to that unit is closed.
   *
   * @throws IoasisException INVALID naming this bound if the id is too wide
   */
  public void admit(Pasid id) {
    if (id.value() > max()) {
      throw new IoasisException(
          Reason.INVALID,
          "%s refused by %s: it takes %d bits, at most 0x%x; allocate the id within this bound"
              .formatted(id, what, bits, max()));
    }
  }
}
