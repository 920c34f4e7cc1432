package org.ioasis.domain.space;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;

/**
 * Who changes which addresses of a space. Changes that meet wait for each other in order of
 * arrival; others run side by side, and each works on page tables and calls users while it holds
 * its range and no lock.
 *
 * <p>A change that begins inside another one of the same thread (a callback that maps something
 * else) passes those that only wait, or the two would wait for each other.
 *
 * <p><b>Threading:</b> everything under the space's lock, which {@link #begin} gives up while it
 * waits.
 */
final class Holds {
  /** What a hold is for. */
  enum Kind {
    /** Mappings are made, changed or read. */
    MAP,
    /** Mappings are removed. */
    REMOVE
  }

  /** One held range. */
  static final class Hold {
    final long first;
    final long last;
    final Kind kind;
    private final Thread thread;
    private boolean granted;

    /** Whether others ran while it waited, so that what was found before may have changed. */
    boolean waited;

    Hold(long first, long last, Kind kind) {
      this.first = first;
      this.last = last;
      this.kind = kind;
      thread = Thread.currentThread();
    }

    private boolean meets(Hold other) {
      return meets(other.first, other.last);
    }

    private boolean meets(long from, long to) {
      return Long.compareUnsigned(first, to) <= 0 && Long.compareUnsigned(from, last) <= 0;
    }
  }

  private final List<Hold> holds = new ArrayList<>();
  private final ReentrantLock lock;
  private final Condition freed;
  private final String space;
  private long begun;

  Holds(ReentrantLock lock, String space) {
    this.lock = lock;
    this.space = space;
    freed = lock.newCondition();
  }

  /**
   * Takes a range, waiting for those that hold a part of it.
   *
   * @throws IoasisException BUSY if the calling thread holds a part of it: a callback that changes
   *     what it is being told of
   */
  Hold begin(long first, long last, Kind kind) {
    assert lock.isHeldByCurrentThread();
    Hold mine = new Hold(first, last, kind);
    boolean nested = false;
    for (Hold hold : holds) {
      if (hold.thread == mine.thread) {
        nested = true;
        if (hold.meets(mine)) {
          throw new IoasisException(
              Reason.BUSY,
              "change refused: %s, 0x%x..0x%x is being changed by the same thread; return first"
                  .formatted(space, first, last));
        }
      }
    }
    holds.add(mine);
    begun++;
    while (isBlocked(mine, nested)) {
      mine.waited = true;
      freed.awaitUninterruptibly();
    }
    mine.granted = true;
    return mine;
  }

  private boolean isBlocked(Hold mine, boolean nested) {
    boolean earlier = true;
    for (Hold hold : holds) {
      if (hold == mine) {
        earlier = false;
      } else if ((hold.granted || (earlier && !nested)) && hold.meets(mine)) {
        return true;
      }
    }
    return false;
  }

  /** How many have begun so far. */
  long begun() {
    assert lock.isHeldByCurrentThread();
    return begun;
  }

  /** Gives a range back. */
  void end(Hold hold) {
    assert lock.isHeldByCurrentThread();
    holds.remove(hold);
    freed.signalAll();
  }

  /** Whether a part of a range is being removed. */
  boolean isRemoving(long first, long last) {
    return holds.stream()
        .anyMatch(hold -> hold.granted && hold.kind == Kind.REMOVE && hold.meets(first, last));
  }
}
