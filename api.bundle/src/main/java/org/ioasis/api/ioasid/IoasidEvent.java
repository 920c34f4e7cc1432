package org.ioasis.api.ioasid;

import java.util.OptionalInt;

/** What happened to an id or a set. One event per transition. */
public sealed interface IoasidEvent {
  /** Position in the allocator's order; events of one id are told in this order. */
  long sequence();

  /** Number of the set. */
  int sid();

  /** What caused it, for people. */
  String cause();

  /**
   * An id was handed out; also told of present ids to a listener that comes late.
   *
   * @param guestId the guest's number, or empty
   * @param replayed whether it happened before the listener came
   */
  record Allocated(
      long sequence, int sid, String cause, Pasid id, OptionalInt guestId, boolean replayed)
      implements IoasidEvent {}

  /** An id was bound; also replayed to a listener that comes late. */
  record Bound(
      long sequence, int sid, String cause, Pasid id, OptionalInt guestId, boolean replayed)
      implements IoasidEvent {}

  /** An id was unbound. */
  record Unbound(long sequence, int sid, String cause, Pasid id, OptionalInt guestId)
      implements IoasidEvent {}

  /** An id was freed: stop using it. It is not reused before {@link Reclaimed}. */
  record Freed(long sequence, int sid, String cause, Pasid id, OptionalInt guestId)
      implements IoasidEvent {}

  /**
   * All ids of a set were freed at once; each is told by {@link Freed} before.
   *
   * @param destroyed whether the set ends as well
   */
  record SetFreed(long sequence, int sid, String cause, SetToken token, boolean destroyed)
      implements IoasidEvent {}

  /** A quota changed. */
  record Adjusted(long sequence, int sid, String cause, int oldQuota, int newQuota)
      implements IoasidEvent {}

  /** An id may be handed out again. */
  record Reclaimed(long sequence, int sid, String cause, Pasid id) implements IoasidEvent {}
}
