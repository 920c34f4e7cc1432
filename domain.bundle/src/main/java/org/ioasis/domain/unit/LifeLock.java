package org.ioasis.domain.unit;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * Calls enter side by side; a life-cycle change is alone. A change that waits gives up its place in
 * the queue again and again: a call may wait for a turn of the machine that itself wants to enter,
 * and must not find the change in its way.
 *
 * <p><b>Threading:</b> any thread; reentrant.
 */
final class LifeLock {
  private static final long SLICE_MILLIS = 5;

  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();

  void enter() {
    lock.readLock().lock();
  }

  void leave() {
    lock.readLock().unlock();
  }

  void enterAlone() {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          if (lock.writeLock().tryLock(SLICE_MILLIS, TimeUnit.MILLISECONDS)) {
            return;
          }
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  void leaveAlone() {
    lock.writeLock().unlock();
  }
}
