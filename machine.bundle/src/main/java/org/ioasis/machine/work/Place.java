package org.ioasis.machine.work;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.ioasis.api.machine.Scheduler;
import org.ioasis.api.machine.Work;
import org.ioasis.api.machine.WorkQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One queue of a machine's scheduler. Its whole state is a word of three bits:
 *
 * <pre>
 *  KICKED   a turn is asked for that has not begun
 *  RUNNING  a thread is inside a turn, or between a turn that waits and the next
 *  REMOVED  no turn begins any more
 * </pre>
 *
 * A turn begins by clearing KICKED and setting RUNNING in one compare and set, and ends by clearing
 * RUNNING in another, which fails if a kick came meanwhile. So no kick is lost and turns never
 * overlap. Both are full fences: what a kicker stored before is visible in the turn.
 *
 * <p><b>Threading:</b> any thread.
 */
final class Place implements WorkQueue {
  private static final Logger LOG = LoggerFactory.getLogger(Place.class);
  private static final int KICKED = 1;
  private static final int RUNNING = 2;
  private static final int REMOVED = 4;
  private static final int SPINS = 64;
  private static final long LEAST_PARK_NANOS = 1_000;
  private static final long MOST_PARK_NANOS = 200_000;

  private final MachineScheduler scheduler;
  private final String name;
  private final Work work;
  private final AtomicInteger state = new AtomicInteger();
  private volatile Thread runner;
  private volatile boolean waiting;

  Place(MachineScheduler scheduler, String name, Work work) {
    this.scheduler = scheduler;
    this.name = name;
    this.work = work;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void kick() {
    while (true) {
      int seen = state.get();
      if ((seen & REMOVED) != 0) {
        return;
      }
      if (state.compareAndSet(seen, seen | KICKED)) {
        if ((seen & (RUNNING | KICKED)) == 0) {
          scheduler.kicked(this);
        } else if ((seen & RUNNING) == 0) {
          scheduler.kickedAgain(this);
        }
        return;
      }
    }
  }

  @Override
  public boolean pending() {
    int seen = state.get();
    return (seen & REMOVED) == 0 ? (seen & (KICKED | RUNNING)) != 0 : (seen & RUNNING) != 0;
  }

  /** Whether another thread is inside a turn, or will be soon, that does not just wait. */
  boolean isBusyElsewhere() {
    int wanted = scheduler.mode() == Scheduler.Mode.THREADED ? KICKED | RUNNING : RUNNING;
    return (state.get() & wanted) != 0 && !waiting && runner != Thread.currentThread();
  }

  /** Whether its last turn said that it waits, and the next is still to come. */
  boolean isWaiting() {
    return waiting && pending();
  }

  /** Whether a turn is asked for or under way, other than one the caller is in. */
  boolean isPendingElsewhere() {
    return pending() && runner != Thread.currentThread();
  }

  boolean isRemoved() {
    return (state.get() & REMOVED) != 0;
  }

  /** Turns until nothing is asked for; a turn that waits comes again after a pause. */
  void runToEnd() {
    if (!enter()) {
      return;
    }
    boolean done = false;
    try {
      do {
        runUntilDone();
      } while (!leave());
      done = true;
    } finally {
      if (!done) {
        abandon();
      }
    }
  }

  /**
   * One turn, for a scheduler in steps.
   *
   * @return what the turn said; DONE if there was none to take
   */
  Work.Progress runOnce() {
    if (!enter()) {
      return Work.Progress.DONE;
    }
    Work.Progress progress = Work.Progress.WAITING;
    try {
      progress = turn();
    } finally {
      if (progress == Work.Progress.WAITING) {
        abandon();
      } else {
        exit();
      }
    }
    return progress;
  }

  private boolean enter() {
    while (true) {
      int seen = state.get();
      if ((seen & (REMOVED | RUNNING)) != 0 || (seen & KICKED) == 0) {
        return false;
      }
      if (state.compareAndSet(seen, RUNNING)) {
        runner = Thread.currentThread();
        return true;
      }
    }
  }

  private void runUntilDone() {
    long park = LEAST_PARK_NANOS;
    for (int tries = 0; turn() == Work.Progress.WAITING && !isRemoved(); tries++) {
      scheduler.checkMayWait(name);
      if (tries < SPINS) {
        Thread.onSpinWait();
      } else {
        LockSupport.parkNanos(this, park);
        park = Math.min(2 * park, MOST_PARK_NANOS);
      }
    }
  }

  private Work.Progress turn() {
    scheduler.countTurn();
    waiting = false;
    try {
      Work.Progress progress = work.run();
      waiting = progress == Work.Progress.WAITING;
      return progress;
    } catch (RuntimeException e) {
      scheduler.countFailure();
      LOG.error("work of {} threw in its turn; the queue goes on with the next kick", name, e);
      return Work.Progress.DONE;
    }
  }

  /** Ends the turn, or begins the next if a kick came meanwhile; says whether it ended. */
  private boolean leave() {
    runner = null;
    if (state.compareAndSet(RUNNING, 0)) {
      return true;
    }
    while (true) {
      int seen = state.get();
      if ((seen & REMOVED) != 0) {
        state.set(REMOVED);
        return true;
      }
      if (state.compareAndSet(seen, RUNNING)) {
        runner = Thread.currentThread();
        return false;
      }
    }
  }

  /** Ends the turn; a kick that came meanwhile stays for a turn of its own. */
  private void exit() {
    runner = null;
    int before = state.getAndUpdate(seen -> seen & ~RUNNING);
    if ((before & (KICKED | REMOVED)) == KICKED) {
      scheduler.kicked(this);
    }
  }

  /** Ends the turn as one that must come again: with the next step, or inline the next kick. */
  private void abandon() {
    if (scheduler.mode() == Scheduler.Mode.THREADED) {
      exit();
      return;
    }
    runner = null;
    int after =
        state.updateAndGet(seen -> (seen & REMOVED) != 0 ? REMOVED : (seen | KICKED) & ~RUNNING);
    if (after == KICKED) {
      scheduler.abandoned(this);
    }
  }

  /** Ends the place and waits for a turn under way, unless that is the caller's own. */
  void remove() {
    int before = state.getAndUpdate(seen -> (seen | REMOVED) & ~KICKED);
    if ((before & RUNNING) == 0 || runner == Thread.currentThread()) {
      return;
    }
    for (int tries = 0; (state.get() & RUNNING) != 0; tries++) {
      if (runner == Thread.currentThread()) {
        return;
      }
      scheduler.checkMayWait(name);
      if (tries < SPINS) {
        Thread.onSpinWait();
      } else {
        LockSupport.parkNanos(this, LEAST_PARK_NANOS);
      }
    }
  }
}
