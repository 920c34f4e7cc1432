package org.ioasis.allocator.core;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.ioasis.api.ioasid.IoasidListener;
import org.ioasis.api.machine.TimeSource;

/**
 * Tells listeners. The first phase calls those that promised not to block, in the thread of the
 * event; the second phase lets each of the others walk the journal at its own speed.
 *
 * <p><b>Threading:</b> any thread; {@link #pump} runs in one at a time. The books' lock guards the
 * arrays, the journal's tail and settlements, and is never held while a listener runs.
 */
public final class Listeners {
  private static final int TURN = 256;

  private final Books books;
  private final TimeSource time;
  private final Executor executor;
  private final Runnable bell;
  private final Watcher watcher;
  private final long timeoutNanos;
  private final long slowNanos;
  private Registration[] all = {};
  private Registration[] immediate = {};
  private Ticket tail = new Ticket(Ticket.Kind.ADJUST, "the beginning");
  private Settlement unsettled; // a ring of those that wait
  private long sequence;
  private Consumer<Settlement> onSettled = s -> {};

  Listeners(Books books, Surroundings around) {
    this.books = books;
    this.time = around.time();
    this.executor = around.executor();
    this.bell = around.bell();
    this.watcher = around.watcher();
    this.timeoutNanos = around.acknowledgeNanos();
    this.slowNanos = around.slowNanos();
  }

  /** What happens, under the lock, when nothing is waited for any more. */
  void onSettled(Consumer<Settlement> action) {
    onSettled = action;
  }

  long sequence() {
    return sequence;
  }

  void sequence(long last) {
    sequence = last;
  }

  /** Appends an event; under the lock. */
  Ticket append(Ticket ticket) {
    ticket.sequence = ++sequence;
    ticket.immediate = immediate;
    books.changes++;
    tail.next = ticket;
    tail = ticket;
    return ticket;
  }

  /** Appends a FREE, with all that must be waited for; under the lock. */
  void appendFree(Ticket ticket, Settlement settlement) {
    ticket.settlement = settlement;
    for (Registration one : all) {
      if (one.options.acknowledges() && one.hears(ticket)) {
        settlement.await(one);
      }
    }
    link(settlement);
    append(ticket);
  }

  /** The first phase of an event, then the bell for the second; without the lock. */
  void tell(Ticket ticket) {
    assert !books.lock.isMine() : "told under the lock";
    for (Registration one : ticket.immediate) {
      if (one.hears(ticket)) {
        long start = time.nanoTime();
        one.call(ticket);
        if (time.nanoTime() - start > slowNanos) {
          demote(one);
        }
      }
    }
    watcher.event(ticket.event());
    if (ticket.settlement != null) {
      told(ticket.settlement);
    }
    bell.run();
  }

  private void told(Settlement settlement) {
    books.lock.lock();
    try {
      settlement.told = true;
      settleIfDone(settlement);
    } finally {
      books.lock.unlock();
    }
    tellReclaim(settlement);
  }

  /**
   * Goes on with a FREE that a predecessor told and did not settle: listeners have one time-out to
   * come back and be waited for. Without the lock, before anybody else knows this instance.
   */
  void resume(Settlement settlement) {
    settlement.ticket.settlement = settlement;
    link(settlement);
    time.schedule(
        timeoutNanos,
        () -> {
          told(settlement);
          bell.run();
        });
  }

  private void link(Settlement settlement) {
    settlement.following = unsettled;
    if (unsettled != null) {
      unsettled.previous = settlement;
    }
    unsettled = settlement;
  }

  /** Under the lock: unlinks and settles if all is done. */
  private void settleIfDone(Settlement settlement) {
    if (!settlement.advance()) {
      return;
    }
    settlement.settled = true;
    if (settlement.previous == null) {
      unsettled = settlement.following;
    } else {
      settlement.previous.following = settlement.following;
    }
    if (settlement.following != null) {
      settlement.following.previous = settlement.previous;
    }
    onSettled.accept(settlement);
  }

  private Consumer<Settlement> tellReclaim = s -> {};

  void onTellReclaim(Consumer<Settlement> action) {
    tellReclaim = action;
  }

  private void tellReclaim(Settlement settlement) {
    tellReclaim.accept(settlement);
  }

  /** A listener has done what a FREE asks for. */
  void acknowledge(Settlement.Await await) {
    Settlement settlement = await.settlement();
    books.lock.lock();
    try {
      if (settlement.done(await)) {
        books.count(Counter.ACKNOWLEDGED);
        settleIfDone(settlement);
      } else if (await.late) {
        await.late = false;
        books.count(Counter.ACKNOWLEDGE_LATE);
      }
    } finally {
      books.lock.unlock();
    }
    tellReclaim(settlement);
    bell.run();
  }

  private void expire(Settlement settlement, int stage) {
    List<String> late = new ArrayList<>();
    books.lock.lock();
    try {
      if (settlement.stage != stage || settlement.settled) {
        return;
      }
      for (Settlement.Await await : settlement.awaits) {
        if (await.who.order.ordinal() == stage && settlement.done(await)) {
          await.late = true;
          books.count(Counter.ACKNOWLEDGE_TIMED_OUT);
          late.add(await.who.options.name());
        }
      }
      settleIfDone(settlement);
    } finally {
      books.lock.unlock();
    }
    late.forEach(name -> watcher.laggard(name, settlement.ticket.event()));
    tellReclaim(settlement);
    bell.run();
  }

  void failed(Registration one) {
    books.lock.lock();
    books.count(Counter.LISTENER_FAILED);
    books.lock.unlock();
  }

  private void demote(Registration one) {
    books.lock.lock();
    try {
      books.count(Counter.LISTENER_SLOW);
      if (one.immediate) {
        one.immediate = false;
        one.demoted = true;
        one.cursor = tail;
        sort();
      }
    } finally {
      books.lock.unlock();
    }
  }

  /** Under the lock: the arrays, by class. */
  private void sort() {
    immediate =
        Arrays.stream(all)
            .filter(r -> r.immediate)
            .sorted(Comparator.comparing(r -> r.order))
            .toArray(Registration[]::new);
  }

  /**
   * Enters a listener; present ids are told first.
   *
   * @param present under the lock, makes tickets of what is there
   */
  Registration add(
      IoasidListener listener,
      ListenerOptions options,
      java.util.function.Function<Registration, List<Ticket>> present) {
    Registration one = new Registration(this, listener, options);
    books.lock.lock();
    try {
      one.cursor = tail;
      one.replay.addAll(present.apply(one));
      for (Settlement s = unsettled; s != null; s = s.following) {
        boolean inTime = s.stage <= one.order.ordinal();
        if (options.acknowledges() && one.hears(s.ticket) && inTime) {
          s.await(one);
        }
      }
      one.immediate = isImmediate(one) && one.replay.isEmpty();
      if (one.immediate) {
        one.cursor = null;
      }
      all = Arrays.copyOf(all, all.length + 1);
      all[all.length - 1] = one;
      sort();
    } finally {
      books.lock.unlock();
    }
    bell.run();
    return one;
  }

  private static boolean isImmediate(Registration one) {
    return one.options.delivery() == IoasidListener.Delivery.IMMEDIATE && !one.demoted;
  }

  Settlement unsettledOf(int id) {
    for (Settlement s = unsettled; s != null; s = s.following) {
      if (s.ticket.id == id) {
        return s;
      }
    }
    return null;
  }

  /** Takes a listener out: nobody waits for it any more, and no call begins after this one. */
  void remove(Registration one) {
    List<Settlement> touched = new ArrayList<>();
    books.lock.lock();
    try {
      one.gone = true;
      all = Arrays.stream(all).filter(r -> r != one).toArray(Registration[]::new);
      sort();
      for (Settlement s = unsettled; s != null; ) {
        Settlement after = s.following;
        Settlement.Await await = s.of(one);
        if (await != null && s.done(await)) {
          books.count(Counter.LISTENER_VANISHED);
          settleIfDone(s);
          touched.add(s);
        }
        s = after;
      }
    } finally {
      books.lock.unlock();
    }
    touched.forEach(this::tellReclaim);
    bell.run();
    time.await(one::isQuiet, timeoutNanos);
  }

  /** The second phase: starts timers, and the drains of listeners that have something to hear. */
  public void pump() {
    List<Settlement> untimed = new ArrayList<>();
    Registration[] now;
    books.lock.lock();
    try {
      now = all;
      for (Settlement s = unsettled; s != null; s = s.following) {
        if (s.told && s.timedStage != s.stage && s.stage < Settlement.STAGES) {
          s.timedStage = s.stage;
          untimed.add(s);
        }
      }
    } finally {
      books.lock.unlock();
    }
    for (Settlement s : untimed) {
      int stage = s.timedStage;
      time.schedule(timeoutNanos, () -> expire(s, stage));
    }
    for (Registration one : now) {
      Throwable failure = one.failure;
      if (failure != null) {
        one.failure = null;
        watcher.failed(one.options.name(), failure);
      }
      start(one);
    }
  }

  private void start(Registration one) {
    if (!one.immediate && isReady(one) && one.draining.compareAndSet(false, true)) {
      executor.execute(() -> drain(one));
    }
  }

  private boolean isReady(Registration one) {
    Ticket head = one.head();
    if (head == null) {
      return isImmediate(one); // caught up: to be told at once from now on
    }
    Settlement s = head.settlement;
    return !one.hears(head) || s == null || s.told && s.stage >= one.order.ordinal();
  }

  private void drain(Registration one) {
    try {
      for (int i = 0; i < TURN && !one.gone && !one.immediate && isReady(one); i++) {
        Ticket head = one.head();
        if (head == null) {
          catchUp(one);
        } else {
          if (one.hears(head)) {
            one.call(head);
          }
          one.passed(head);
        }
      }
    } finally {
      one.draining.set(false);
    }
    if (!one.gone) {
      bell.run();
    }
  }

  private void catchUp(Registration one) {
    books.lock.lock();
    try {
      if (one.head() == null && !one.gone) {
        one.immediate = true;
        one.cursor = null;
        sort();
      }
    } finally {
      books.lock.unlock();
    }
  }
}
