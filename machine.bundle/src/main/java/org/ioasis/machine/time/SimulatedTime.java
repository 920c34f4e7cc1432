package org.ioasis.machine.time;

import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.ioasis.api.machine.VirtualTime;

/**
 * Time that moves only when told. Actions run in order of their time, equal times in order of
 * scheduling.
 *
 * <p><b>Await.</b> As long as the condition does not hold, pending work runs; when none is left,
 * time jumps to the next action, at last to the deadline. So a wait ends after finitely many steps
 * and needs hardly any real time. Threads outside the machine cannot be seen; before time jumps
 * they get a short real pause, and a longer one, of about a second, while work waits for a burst
 * that one of them has open.
 *
 * <p><b>Threading:</b> any thread. {@code turn} admits one thread at a time to the running of
 * actions, again by the same thread from inside an action; {@code this} guards the queue and is not
 * held while an action runs.
 */
public final class SimulatedTime implements VirtualTime {
  private static final int MAX_ROUNDS_WITHOUT_TIME = 1_000_000;
  private static final int PAUSES = 8;
  private static final int PAUSES_FOR_BURSTS = 20_000;
  private static final long PAUSE_NANOS = 20_000;

  private record Due(long nanos, long order, OneShot shot) {}

  private final Idler idler;
  private final ReentrantLock turn = new ReentrantLock();
  private final PriorityQueue<Due> queue =
      new PriorityQueue<>(Comparator.comparingLong(Due::nanos).thenComparingLong(Due::order));
  private long scheduled;
  private volatile long now;

  /** Makes a clock that stands at 0. */
  public SimulatedTime(Idler idler) {
    this.idler = idler;
  }

  @Override
  public long nanoTime() {
    return now;
  }

  @Override
  public synchronized Timer schedule(long delayNanos, Runnable action) {
    OneShot shot = new OneShot(action);
    long delay = Math.max(0, delayNanos);
    long due = now + delay < 0 ? Long.MAX_VALUE : now + delay;
    queue.add(new Due(due, scheduled++, shot));
    return shot;
  }

  @Override
  public void advance(long nanos) {
    if (nanos < 0) {
      throw new IllegalArgumentException(
          "time refused to move by %d ns: it never goes back".formatted(nanos));
    }
    turn.lock();
    try {
      advanceTo(now + nanos);
    } finally {
      turn.unlock();
    }
  }

  /** Runs what falls due up to {@code target}; the turn is held. */
  private void advanceTo(long target) {
    for (Due due = next(target); due != null; due = next(target)) {
      now = Math.max(now, due.nanos);
      due.shot.run();
    }
    now = Math.max(now, target);
  }

  /** Takes the next pending action due by {@code target}, or null. */
  private synchronized Due next(long target) {
    Due due = queue.peek();
    while (due != null && !due.shot.isPending()) {
      queue.poll();
      due = queue.peek();
    }
    return due != null && due.nanos <= target ? queue.poll() : null;
  }

  @Override
  public synchronized int pending() {
    return (int) queue.stream().filter(due -> due.shot.isPending()).count();
  }

  @Override
  public boolean await(BooleanSupplier condition, long timeoutNanos) {
    if (condition.getAsBoolean()) {
      return true;
    }
    idler.checkMayWait();
    long deadline = now + timeoutNanos < 0 ? Long.MAX_VALUE : now + timeoutNanos;
    while (true) {
      if (settles(condition)) {
        return true;
      }
      turn.lock();
      try {
        Due due = next(deadline);
        if (due == null) {
          now = Math.max(now, deadline);
          return condition.getAsBoolean();
        }
        now = Math.max(now, due.nanos);
        due.shot.run();
      } finally {
        turn.unlock();
      }
      if (condition.getAsBoolean()) {
        return true;
      }
    }
  }

  /** Lets work run until nothing moves on; says whether the condition came to hold. */
  private boolean settles(BooleanSupplier condition) {
    int pauses = 0;
    for (int round = 0; round < MAX_ROUNDS_WITHOUT_TIME; round++) {
      if (idler.progress()) {
        pauses = 0;
      } else if (pauses++ < (idler.isHeld() ? PAUSES_FOR_BURSTS : PAUSES)) {
        LockSupport.parkNanos(this, PAUSE_NANOS);
      } else {
        return condition.getAsBoolean();
      }
      if (condition.getAsBoolean()) {
        return true;
      }
    }
    return false;
  }
}
