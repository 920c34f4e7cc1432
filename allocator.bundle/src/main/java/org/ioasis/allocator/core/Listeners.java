package org.ioasis.allocator.core;

import java.util.Arrays;
import java.util.Comparator;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.ioasis.api.ioasid.IoasidListener;
import org.ioasis.api.ioasid.IoasidState;
import org.ioasis.api.machine.TimeSource;

/**
 * Who listens, and the first phase: those that promised not to block are called in the thread of
 * the event. {@link SecondPhaseQueues} tells the others, {@link Deadlines} gives up on laggards.
 *
 * <p><b>Threading:</b> any thread. The books' lock guards journal and settlements and is never held
 * while a listener runs; whatever is needed under it is made before. {@code registry} orders
 * changes of the arrays, and nothing that an event can cause waits for it.
 */
public final class Listeners {
  private final Books books;
  private final TimeSource time;
  private final Runnable bell;
  private final Watcher watcher;
  private final long timeoutNanos;
  private final long slowNanos;
  private final Object registry = new Object();
  final Journal journal;
  final Deadlines deadlines;
  final SecondPhaseQueues queues;
  private volatile Registration[] all = {};
  private volatile Registration[] acknowledging = {};
  private Registration[] immediate = {};
  private Function<Settlement, Ticket> onSettled = s -> null;

  Listeners(Books books, Surroundings around) {
    this.books = books;
    this.time = around.time();
    this.bell = around.bell();
    this.watcher = around.watcher();
    this.timeoutNanos = around.acknowledgeNanos();
    this.slowNanos = around.slowNanos();
    this.journal = new Journal(around.queueLimit());
    this.deadlines = new Deadlines(books, this, around);
    this.queues = new SecondPhaseQueues(books, this, around);
  }

  /** What happens, under the lock, when nothing is waited for any more; returns RECLAIM or null. */
  void onSettled(Function<Settlement, Ticket> action) {
    onSettled = action;
  }

  Registration[] all() {
    return all;
  }

  /** Makes what the end of an id needs, before the lock is taken. */
  Settlement prepareEnd(SetCore set, String cause) {
    return new Settlement(set, cause, acknowledging);
  }

  /** Under the lock: whether the same listeners still have to acknowledge. */
  boolean isCurrent(Settlement settlement) {
    return settlement.madeFor == acknowledging;
  }

  /** Appends an event; under the lock. */
  Ticket append(Ticket ticket) {
    ticket.immediate = immediate;
    journal.append(ticket);
    return ticket;
  }

  /**
   * Appends a FREE; under the lock.
   *
   * @return RECLAIM, appended too, if there is nobody to wait for; else null
   */
  Ticket begin(Settlement settlement, long now) {
    append(settlement.freed);
    if (settlement.freed.immediate.length == 0 && !settlement.isAwaited()) {
      settlement.told = true;
      return settleIfDone(settlement);
    }
    deadlines.add(settlement, now);
    return null;
  }

  /** Under the lock: RECLAIM, appended, if all is done; else null. */
  Ticket settleIfDone(Settlement settlement) {
    if (!settlement.advance()) {
      return null;
    }
    deadlines.remove(settlement);
    return onSettled.apply(settlement);
  }

  /** The first phase of an event, then the bell for the second; without the lock. */
  void tell(Ticket ticket) {
    firstPhase(ticket);
    if (ticket.settlement != null) {
      Ticket reclaim = told(ticket.settlement);
      if (reclaim != null) {
        firstPhase(reclaim);
      }
    }
    bell.run();
  }

  /** The same for a FREE with its RECLAIM, when nobody had to be waited for. */
  void tell(Ticket freed, Ticket reclaimed) {
    firstPhase(freed);
    firstPhase(reclaimed);
    bell.run();
  }

  private void firstPhase(Ticket ticket) {
    assert !books.lock.isMine() : "told under the lock";
    for (Registration one : ticket.immediate) {
      if (one.hears(ticket)) {
        long start = time.nanoTime();
        one.call(ticket);
        if (time.nanoTime() - start > slowNanos) {
          one.slow = true; // the second phase demotes it: no array is made here
          count(Counter.LISTENER_SLOW, 1);
        }
      }
    }
    ticket.immediate = Ticket.NOBODY;
    if (watcher.isRecording()) {
      watcher.event(ticket.event());
    }
  }

  private Ticket told(Settlement settlement) {
    long now = time.nanoTime();
    books.lock.lock();
    try {
      settlement.told = true;
      return step(settlement, now);
    } finally {
      books.lock.unlock();
    }
  }

  /** Under the lock: after something was done. The next class, if it is its turn, has its time. */
  private Ticket step(Settlement settlement, long now) {
    int before = settlement.stage;
    Ticket reclaim = settleIfDone(settlement);
    if (!settlement.settled && settlement.stage != before) {
      deadlines.renew(settlement, now);
    }
    return reclaim;
  }

  /** A listener has done what a FREE asks for. */
  void acknowledge(Settlement.Await await) {
    long now = time.nanoTime();
    Ticket reclaim = null;
    books.lock.lock();
    try {
      if (await.settlement.done(await)) {
        books.count(Counter.ACKNOWLEDGED);
        reclaim = step(await.settlement, now);
      } else if (await.timedOut) {
        await.timedOut = false;
        books.count(Counter.ACKNOWLEDGE_LATE);
      }
    } finally {
      books.lock.unlock();
    }
    if (reclaim == null) {
      bell.run();
    } else {
      tell(reclaim);
    }
  }

  void count(Counter counter, long more) {
    books.lock.lock();
    books.count(counter, more);
    books.lock.unlock();
  }

  void failed() {
    count(Counter.LISTENER_FAILED, 1);
  }

  /** Enters a listener; if ids are present it is told of them first. */
  Registration add(IoasidListener listener, ListenerOptions options) {
    Registration one = new Registration(this, listener, options);
    Replay replay = new Replay(books, journal, one);
    synchronized (registry) {
      Registration[] more =
          Stream.concat(Stream.of(all), Stream.of(one)).toArray(Registration[]::new);
      Registration[] wait = only(more, r -> r.options.acknowledges());
      Registration[] first = only(more, r -> r.immediate || (r == one && one.wantsImmediate()));
      books.lock.lock();
      one.cursor = journal.last();
      if (books.inUse > 0) {
        one.replay = replay;
      } else if (one.wantsImmediate()) {
        one.immediate = true;
        immediate = first;
      }
      acknowledging = options.acknowledges() ? wait : acknowledging;
      all = more;
      books.lock.unlock();
    }
    bell.run();
    return one;
  }

  private static Registration[] only(Registration[] of, Predicate<Registration> which) {
    return Arrays.stream(of)
        .filter(which)
        .sorted(Comparator.comparing(r -> r.order))
        .toArray(Registration[]::new);
  }

  /** Tells a listener in the first phase from now on, if it has heard all there is. */
  void promote(Registration one) {
    synchronized (registry) {
      Registration[] more = only(all, r -> r.immediate || r == one);
      books.lock.lock();
      if (one.cursor == journal.last() && one.replay == null && !one.gone) {
        one.immediate = true;
        immediate = more;
      }
      books.lock.unlock();
    }
  }

  /** Tells a listener that was slow from a queue from now on. */
  void demote(Registration one) {
    synchronized (registry) {
      Registration[] less = only(all, r -> r.immediate && r != one);
      books.lock.lock();
      one.demoted = true;
      if (one.immediate) {
        one.immediate = false;
        one.cursor = journal.last();
        immediate = less;
      }
      books.lock.unlock();
    }
  }

  /** Takes a listener out: nobody waits for it any more, and no call begins after this one. */
  void remove(Registration one) {
    synchronized (registry) {
      Registration[] less = Arrays.stream(all).filter(r -> r != one).toArray(Registration[]::new);
      Registration[] wait = only(less, r -> r.options.acknowledges());
      Registration[] first = only(less, r -> r.immediate);
      books.lock.lock();
      one.gone = true;
      all = less;
      acknowledging = one.options.acknowledges() ? wait : acknowledging;
      immediate = first;
      books.lock.unlock();
    }
    if (one.options.acknowledges()) {
      excuse(one);
    }
    bell.run();
    time.await(one::isQuiet, timeoutNanos);
  }

  /** Whatever waits for a listener that has gone does so no longer. */
  private void excuse(Registration one) {
    Ticket[] reclaims = new Ticket[IdScan.CHUNK];
    int[] count = {0};
    long now = time.nanoTime();
    IdScan.each(
        books,
        (id, word) -> {
          Settlement end =
              StateWord.state(word) == IoasidState.FREE_PENDING ? books.table.end(id) : null;
          Settlement.Await await = end == null ? null : end.of(one);
          if (await != null && end.done(await)) {
            books.count(Counter.LISTENER_VANISHED);
            Ticket reclaim = step(end, now);
            reclaims[count[0]] = reclaim;
            count[0] += reclaim == null ? 0 : 1;
          }
        },
        () -> {
          for (; count[0] > 0; count[0]--) {
            tell(reclaims[count[0] - 1]);
          }
        });
  }
}
