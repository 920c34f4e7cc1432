package org.ioasis.allocator.core;

import java.util.concurrent.Executor;

/**
 * The second phase: each listener that is not told at once walks the journal at its own speed. One
 * that is overrun by the journal has lost events: it is told how many, and then the present ids
 * anew, so that it knows all that is true even so.
 *
 * <p><b>Threading:</b> {@link #pump} one at a time; a drain per listener on the executor's threads.
 */
final class SecondPhaseQueues {
  private static final int TURN = 256;

  private final Books books;
  private final Listeners listeners;
  private final Executor executor;
  private final Runnable bell;
  private final Watcher watcher;

  SecondPhaseQueues(Books books, Listeners listeners, Surroundings around) {
    this.books = books;
    this.listeners = listeners;
    this.executor = around.executor();
    this.bell = around.bell();
    this.watcher = around.watcher();
  }

  /** Starts the drains of listeners that have something to hear. */
  void pump() {
    for (Registration one : listeners.all()) {
      Throwable failure = one.failure;
      if (failure != null) {
        one.failure = null;
        watcher.failed(one.options.name(), failure);
      }
      if (one.slow) {
        one.slow = false;
        listeners.demote(one);
      }
      if (hasWork(one) && one.draining.compareAndSet(false, true)) {
        executor.execute(() -> drain(one));
      }
    }
  }

  private boolean hasWork(Registration one) {
    if (one.immediate || one.gone) {
      return false;
    }
    Ticket blocked = one.blocked;
    if (blocked != null) {
      return blocked.settlement.isOpenTo(one);
    }
    return one.wantsImmediate() || one.replay != null || one.cursor < listeners.journal.last();
  }

  private void drain(Registration one) {
    one.blocked = null;
    try {
      for (int i = 0; i < TURN && !one.gone && !one.immediate; i++) {
        Ticket head = head(one);
        if (head == null) {
          if (one.wantsImmediate()) {
            listeners.promote(one);
          }
          return;
        }
        if (one.hears(head)) {
          if (head.settlement != null && !head.settlement.isOpenTo(one)) {
            one.blocked = head;
            return;
          }
          one.call(head);
        }
        passed(one, head);
      }
    } finally {
      one.draining.set(false);
      if (!one.gone) {
        bell.run(); // for what came while this one was draining
      }
    }
  }

  /** What the listener hears next, or null. */
  private Ticket head(Registration one) {
    Journal journal = listeners.journal;
    while (true) {
      Replay replay = one.replay;
      Ticket first = replay == null ? null : replay.head();
      if (first != null) {
        return first;
      }
      if (replay != null && replay.isOver(one.cursor)) {
        one.replay = null;
        replay = null;
      }
      if (one.cursor >= journal.last()) {
        return null;
      }
      Ticket next = journal.at(one.cursor + 1);
      if (next == null) {
        overrun(one);
      } else if (replay != null && replay.covers(next)) {
        one.cursor = next.sequence;
      } else {
        return next;
      }
    }
  }

  private static void passed(Registration one, Ticket ticket) {
    if (ticket.replayed) {
      one.replay.passed();
    } else {
      one.cursor = ticket.sequence;
    }
  }

  private void overrun(Registration one) {
    long lost;
    books.lock.lock();
    try {
      long last = listeners.journal.last();
      lost = last - one.cursor;
      one.cursor = last;
      books.count(Counter.LISTENER_OVERRUN);
      books.count(Counter.EVENTS_LOST, lost);
    } finally {
      books.lock.unlock();
    }
    one.replay = new Replay(books, listeners.journal, one);
    watcher.overrun(one.options.name(), lost);
    one.callLost(lost);
  }
}
