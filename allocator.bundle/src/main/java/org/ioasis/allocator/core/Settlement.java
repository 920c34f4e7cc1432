package org.ioasis.allocator.core;

import java.util.ArrayList;
import java.util.List;

/**
 * What a freed id waits for: that the first phase is over, and that the listeners who asked to
 * acknowledge have, class by class.
 *
 * <p><b>Threading:</b> under the allocator's lock; {@code told} and {@code stage} are read by the
 * second phase without it.
 */
final class Settlement {
  static final int STAGES = 4;

  /** One listener's acknowledgement. */
  final class Await implements Runnable {
    final Registration who;
    boolean done;
    boolean late;

    Await(Registration who) {
      this.who = who;
    }

    Settlement settlement() {
      return Settlement.this;
    }

    @Override
    public void run() {
      who.owner.acknowledge(this);
    }
  }

  final Ticket ticket;
  final List<Await> awaits = new ArrayList<>(0);
  final int[] left = new int[STAGES];
  volatile boolean told;
  volatile int stage;
  int timedStage = -1;
  boolean settled;

  /** RECLAIM, once made and not yet told. */
  Ticket reclaim;

  Settlement previous;
  Settlement following;

  Settlement(Ticket ticket) {
    this.ticket = ticket;
  }

  /** One more has to acknowledge. */
  void await(Registration who) {
    awaits.add(new Await(who));
    left[who.order.ordinal()]++;
  }

  /** Ticks one off; whether it was still open. */
  boolean done(Await await) {
    if (await.done) {
      return false;
    }
    await.done = true;
    left[await.who.order.ordinal()]--;
    return true;
  }

  /** Moves to the first class that still has to answer; whether all have and all were told. */
  boolean advance() {
    int at = stage;
    while (told && at < STAGES && left[at] == 0) {
      at++;
    }
    stage = at;
    return told && at == STAGES && !settled;
  }

  /** Hands RECLAIM to the one caller that tells it. */
  Ticket takeReclaim() {
    Ticket taken = reclaim;
    reclaim = null;
    return taken;
  }

  /** The acknowledgement of a listener, or null. */
  Await of(Registration who) {
    for (Await await : awaits) {
      if (await.who == who) {
        return await;
      }
    }
    return null;
  }
}
