package org.ioasis.allocator.core;

import java.util.OptionalInt;
import org.ioasis.api.ioasid.IoasidEvent;
import org.ioasis.api.ioasid.Pasid;
import org.ioasis.api.ioasid.SetToken;

/**
 * An event on its way to listeners. It is made before the lock is taken and filled in under it.
 *
 * <p><b>Threading:</b> filled in under the allocator's lock before it is appended to the journal,
 * then read by any; {@code immediate} is the teller's alone once appended.
 */
final class Ticket {
  /** Which event. */
  enum Kind {
    ALLOC,
    BIND,
    UNBIND,
    FREE,
    SET_FREE,
    ADJUST,
    RECLAIM
  }

  static final Registration[] NOBODY = {};

  final Kind kind;
  final String cause;
  long sequence;
  int sid;
  SetToken token;
  int id = -1;
  int guest = -1;
  boolean replayed;
  boolean destroyed;
  int oldQuota;
  int newQuota;

  /** Whom the first phase tells, as of the moment of the event. */
  Registration[] immediate = NOBODY;

  /** FREE only: what has to happen before the number can be used again. */
  Settlement settlement;

  private IoasidEvent event; // made by whoever needs it first; perhaps twice, which does no harm

  Ticket(Kind kind, String cause) {
    this.kind = kind;
    this.cause = cause;
  }

  Ticket of(SetCore set) {
    sid = set.sid;
    token = set.token;
    return this;
  }

  Ticket of(SetCore set, int number, int guestNumber) {
    id = number;
    guest = guestNumber;
    return of(set);
  }

  /** The event as listeners see it; not before it is appended. */
  IoasidEvent event() {
    IoasidEvent made = event;
    if (made == null) {
      made = make();
      event = made;
    }
    return made;
  }

  private IoasidEvent make() {
    OptionalInt g = guest < 0 ? OptionalInt.empty() : OptionalInt.of(guest);
    return switch (kind) {
      case ALLOC -> new IoasidEvent.Allocated(sequence, sid, cause, new Pasid(id), g, replayed);
      case BIND -> new IoasidEvent.Bound(sequence, sid, cause, new Pasid(id), g, replayed);
      case UNBIND -> new IoasidEvent.Unbound(sequence, sid, cause, new Pasid(id), g);
      case FREE -> new IoasidEvent.Freed(sequence, sid, cause, new Pasid(id), g);
      case SET_FREE -> new IoasidEvent.SetFreed(sequence, sid, cause, token, destroyed);
      case ADJUST -> new IoasidEvent.Adjusted(sequence, sid, cause, oldQuota, newQuota);
      case RECLAIM -> new IoasidEvent.Reclaimed(sequence, sid, cause, new Pasid(id));
    };
  }
}
