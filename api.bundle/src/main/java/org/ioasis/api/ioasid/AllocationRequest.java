package org.ioasis.api.ioasid;

import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;

/**
 * What an id must be like.
 *
 * @param min lowest number, 0 or above; what is reserved is never handed out, PASID 0 at least
 * @param max highest number, inclusive
 * @param bounds what it must fit, all of them
 * @param guestId the number the set's guest knows it by; empty if none
 * @param privateData kept with the id and returned by {@link IoasidSet#find}; null if none
 */
public record AllocationRequest(
    int min, int max, List<IdBound> bounds, OptionalInt guestId, Object privateData) {
  /** Copies the list. */
  public AllocationRequest {
    bounds = List.copyOf(bounds);
    Objects.requireNonNull(guestId, "guestId");
    if (min < 0 || max < min) {
      throw new IllegalArgumentException(
          "allocation: min %d and max %d are not 0 <= min <= max".formatted(min, max));
    }
  }

  /** Any id that fits these. */
  public static AllocationRequest within(List<IdBound> bounds) {
    return new AllocationRequest(1, (1 << Pasid.MAX_BITS) - 1, bounds, OptionalInt.empty(), null);
  }

  /** The same, known to the guest by a number. */
  public AllocationRequest as(int guest) {
    return new AllocationRequest(min, max, bounds, OptionalInt.of(guest), privateData);
  }

  /** The same, with private data. */
  public AllocationRequest with(Object data) {
    return new AllocationRequest(min, max, bounds, guestId, data);
  }
}
