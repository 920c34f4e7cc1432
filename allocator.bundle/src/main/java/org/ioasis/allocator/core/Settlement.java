package org.ioasis.allocator.core;

/**
 * The end of an id, made before the lock is taken with all that its course needs: both events, and
 * a place for each listener that has to acknowledge. A freed id waits until the first phase is over
 * and those listeners have answered, class by class.
 *
 * <p><b>Threading:</b> under the allocator's lock; {@code told}, {@code stage} and the awaits are
 * read by the second phase without it.
 */
final class Settlement extends NumberGoingBack {
  static final int STAGES = 4;

  /** One listener's acknowledgement. */
  static final class Await implements Runnable {
    final Registration who;
    final Settlement settlement;
    Await next;
    boolean done;
    boolean timedOut;

    Await(Registration who, Settlement settlement) {
      this.who = who;
      this.settlement = settlement;
    }

    @Override
    public void run() {
      who.owner.acknowledge(this);
    }
  }

  final Ticket freed;
  final Ticket reclaimed;
  final Registration[] madeFor;
  private final int[] left = new int[STAGES];
  private volatile Await awaits;
  volatile boolean told;
  volatile int stage;
  boolean settled;

  /** Told by a former instance; listeners have one time-out to come back and be waited for. */
  boolean inherited;

  long deadline;
  Settlement earlier;
  Settlement later;

  /**
   * The end of an id of a set.
   *
   * @param acknowledging all listeners that asked to acknowledge, of any set
   */
  Settlement(SetCore set, String cause, Registration[] acknowledging) {
    this.freed = new Ticket(Ticket.Kind.FREE, cause).of(set);
    this.reclaimed = new Ticket(Ticket.Kind.RECLAIM, "the last user is gone").of(set);
    this.madeFor = acknowledging;
    freed.settlement = this;
    for (Registration one : acknowledging) {
      if (one.hears(freed)) {
        join(new Await(one, this));
      }
    }
  }

  /** One more has to acknowledge. */
  void join(Await await) {
    await.next = awaits;
    left[await.who.stage]++;
    awaits = await;
  }

  Await awaits() {
    return awaits;
  }

  boolean isAwaited() {
    return awaits != null;
  }

  /** Ticks one off; whether it was still open. */
  boolean done(Await await) {
    if (await.done) {
      return false;
    }
    await.done = true;
    left[await.who.stage]--;
    return true;
  }

  /** Moves to the first class that still has to answer; whether all have, for the first time. */
  boolean advance() {
    int at = stage;
    while (told && at < STAGES && left[at] == 0) {
      at++;
    }
    stage = at;
    if (at < STAGES || settled) {
      return false;
    }
    settled = true;
    awaits = null; // listeners of the past must not be kept alive
    return true;
  }

  /** Whether a class may be told. */
  boolean isOpenTo(Registration who) {
    return told && stage >= who.stage;
  }

  /** The acknowledgement of a listener, or null. */
  Await of(Registration who) {
    Await at = awaits;
    while (at != null && at.who != who) {
      at = at.next;
    }
    return at;
  }
}
