package org.ioasis.allocator.core;

import org.ioasis.api.machine.TimeSource;

/**
 * Gives up on listeners that do not acknowledge in time. One timer serves all freed ids: they wait
 * equally long and lie in the order of their deadlines.
 *
 * <p><b>Threading:</b> {@link #add}, {@link #renew} and {@link #remove} under the books' lock;
 * {@link #arm} and the timer without it, a batch under it at a time.
 */
final class Deadlines {
  private static final int BATCH = 64;

  private final Books books;
  private final Listeners listeners;
  private final TimeSource time;
  private final Watcher watcher;
  private final Runnable bell;
  private final long timeoutNanos;
  private final Unsettled unsettled = new Unsettled();
  private boolean armed;

  Deadlines(Books books, Listeners listeners, Surroundings around) {
    this.books = books;
    this.listeners = listeners;
    this.time = around.time();
    this.watcher = around.watcher();
    this.bell = around.bell();
    this.timeoutNanos = around.acknowledgeNanos();
  }

  void add(Settlement settlement, long now) {
    unsettled.add(settlement, now + timeoutNanos);
  }

  void renew(Settlement settlement, long now) {
    unsettled.renew(settlement, now + timeoutNanos);
  }

  void remove(Settlement settlement) {
    unsettled.remove(settlement);
  }

  /** Starts the timer if something waits and it does not run. */
  void arm() {
    long deadline;
    books.lock.lock();
    try {
      Settlement first = unsettled.first();
      if (armed || first == null) {
        return;
      }
      armed = true;
      deadline = first.deadline;
    } finally {
      books.lock.unlock();
    }
    time.schedule(Math.max(0, deadline - time.nanoTime()), this::expire);
  }

  private void expire() {
    Settlement[] late = new Settlement[BATCH];
    Settlement.Await[] awaits = new Settlement.Await[BATCH];
    int[] stages = new int[BATCH];
    Ticket[] reclaims = new Ticket[BATCH];
    int count = BATCH;
    while (count == BATCH) {
      count = takeLate(late, awaits, stages, reclaims);
      for (int i = 0; i < count; i++) {
        report(late[i], awaits[i], stages[i]);
        if (reclaims[i] != null) {
          listeners.tell(reclaims[i]);
        }
      }
    }
    bell.run(); // classes that come next, and the next timer
  }

  private int takeLate(
      Settlement[] late, Settlement.Await[] awaits, int[] stages, Ticket[] reclaims) {
    long now = time.nanoTime();
    int count = 0;
    books.lock.lock();
    try {
      for (; count < BATCH; count++) {
        Settlement one = unsettled.first();
        if (one == null || one.deadline - now > 0) {
          armed = false;
          return count;
        }
        late[count] = one;
        awaits[count] = one.awaits();
        stages[count] = one.stage;
        reclaims[count] = expire(one, now);
      }
      return count;
    } finally {
      books.lock.unlock();
    }
  }

  /** Under the lock. A first phase that still runs is waited for, however long. */
  private Ticket expire(Settlement one, long now) {
    if (one.inherited) {
      one.inherited = false;
      one.told = true;
    } else if (one.told) {
      for (Settlement.Await at = one.awaits(); at != null; at = at.next) {
        if (at.who.stage == one.stage && one.done(at)) {
          at.timedOut = true;
          books.count(Counter.ACKNOWLEDGE_TIMED_OUT);
        }
      }
    }
    Ticket reclaim = listeners.settleIfDone(one);
    if (!one.settled) {
      renew(one, now);
    }
    return reclaim;
  }

  private void report(Settlement one, Settlement.Await awaits, int stage) {
    for (Settlement.Await at = awaits; at != null; at = at.next) {
      if (at.who.stage == stage && at.timedOut) {
        watcher.laggard(at.who.options.name(), one.freed.event());
      }
    }
  }
}
