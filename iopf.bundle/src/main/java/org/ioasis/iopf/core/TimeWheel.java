package org.ioasis.iopf.core;

import java.util.ArrayList;
import java.util.List;
import org.ioasis.api.machine.TimeSource;

/**
 * Time-outs on the machine's time: a hashed wheel with one scheduled action, however many wait.
 * What is due goes into the slot of its tick; the action is scheduled for the earliest that is due,
 * to the nanosecond, and moved only to an earlier time. An answer takes its time-out out of the
 * slot and leaves the action alone, so that a device whose faults are answered quickly costs one
 * action per time-out and not one per fault.
 *
 * <p><b>Threading:</b> any thread; {@code this} guards slots and action, and no due one runs under
 * it.
 */
final class TimeWheel implements AutoCloseable {
  /** Something with a deadline; a member of one list at a time. */
  abstract static class Due {
    private long deadline;
    private int slot;
    private Due before;
    private Due after;
    private boolean linked;
    private boolean cancelled;

    /** The deadline has passed. */
    abstract void expire();
  }

  private static final int TICK_LG2 = 20; // 1.05 ms
  private static final int SLOTS = 512;

  private final TimeSource time;
  private final Due[] heads = new Due[SLOTS];
  private int size;
  private long swept; // tick up to which slots hold nothing that is due
  private TimeSource.Timer timer;
  private long timerAt;
  private boolean closed;

  TimeWheel(TimeSource time) {
    this.time = time;
    this.swept = time.nanoTime() >> TICK_LG2;
  }

  TimeSource time() {
    return time;
  }

  /** Adds one that is not in yet; does nothing if it was cancelled before. */
  void add(Due due, long deadline) {
    synchronized (this) {
      if (due.cancelled || closed) {
        return;
      }
      due.deadline = deadline;
      link(due);
      if (timer == null || deadline - timerAt < 0) {
        schedule(deadline);
      }
    }
  }

  /** Takes one out, before or after it is added; does nothing if it has expired. */
  synchronized void cancel(Due due) {
    due.cancelled = true;
    if (due.linked) {
      unlink(due);
    }
  }

  private void link(Due due) {
    int slot = slot(Math.max(due.deadline >> TICK_LG2, swept));
    due.slot = slot;
    due.before = null;
    due.after = heads[slot];
    if (due.after != null) {
      due.after.before = due;
    }
    heads[slot] = due;
    due.linked = true;
    size++;
  }

  private void unlink(Due due) {
    if (due.before == null) {
      heads[due.slot] = due.after;
    } else {
      due.before.after = due.after;
    }
    if (due.after != null) {
      due.after.before = due.before;
    }
    due.before = null;
    due.after = null;
    due.linked = false;
    size--;
  }

  private static int slot(long tick) {
    return (int) tick & (SLOTS - 1);
  }

  private void schedule(long at) {
    if (timer != null) {
      timer.cancel();
    }
    timerAt = at;
    timer = time.schedule(at - time.nanoTime(), this::fire);
  }

  private void fire() {
    List<Due> ended = new ArrayList<>();
    synchronized (this) {
      timer = null;
      long now = time.nanoTime();
      sweep(now, ended);
      if (size > 0 && !closed) {
        schedule(earliest(now));
      }
    }
    ended.forEach(Due::expire);
  }

  /** Takes out what is due, oldest tick first; at most one round of the wheel. */
  private void sweep(long now, List<Due> ended) {
    long last = now >> TICK_LG2;
    long first = Math.max(swept, last - SLOTS + 1);
    for (long tick = first; tick <= last && size > 0; tick++) {
      for (Due due = heads[slot(tick)], next; due != null; due = next) {
        next = due.after;
        if (due.deadline - now <= 0) {
          unlink(due);
          ended.add(due);
        }
      }
    }
    swept = last;
  }

  /** When to look again: the earliest deadline in the next slot that holds one of this round. */
  private long earliest(long now) {
    long tick = now >> TICK_LG2;
    for (int i = 0; i < SLOTS; i++) {
      long first = Long.MAX_VALUE;
      for (Due due = heads[slot(tick + i)]; due != null; due = due.after) {
        if (due.deadline >> TICK_LG2 <= tick + i) {
          first = Math.min(first, due.deadline);
        }
      }
      if (first != Long.MAX_VALUE) {
        return first;
      }
    }
    return (tick + SLOTS) << TICK_LG2;
  }

  /** How many wait. */
  synchronized int size() {
    return size;
  }

  /** Whether an action is scheduled. */
  synchronized boolean isScheduled() {
    return timer != null;
  }

  /** Ends: nothing expires any more. */
  @Override
  public synchronized void close() {
    closed = true;
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
  }
}
