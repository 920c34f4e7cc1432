package org.ioasis.vtd.driver;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.driver.DriverState;

/**
 * Keeps life-cycle calls apart from all others, and fault handling away from locks.
 *
 * <p>Work of the machine may run in a thread that waits inside this driver, so the fault interrupt
 * may come in a thread that holds locks. What {@link #outside} is given runs at once if the thread
 * is outside the driver, else when it leaves it.
 *
 * <p><b>Threading:</b> any thread.
 */
final class Gate {
  private final String unitId;
  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
  private final AtomicBoolean deferred = new AtomicBoolean();
  private volatile DriverState state = DriverState.NEW;
  private volatile Runnable outside = () -> {};

  Gate(String unitId) {
    this.unitId = unitId;
  }

  DriverState state() {
    return state;
  }

  /** What {@link #runOutside} runs. */
  void outside(Runnable action) {
    outside = action;
  }

  /** Enters for work; life-cycle calls wait until {@link #leave}. */
  void enter(String what) {
    lock.readLock().lock();
    if (state != DriverState.RUNNING && !lock.isWriteLockedByCurrentThread()) {
      lock.readLock().unlock();
      throw new IoasisException(
          Reason.GONE,
          "%s refused: the driver of unit %s is %s; make a new one and start it"
              .formatted(what, unitId, state));
    }
  }

  /** Leaves after {@link #enter}. */
  void leave() {
    lock.readLock().unlock();
    runDeferred();
  }

  /** Enters for a life-cycle call: everybody else is outside. */
  void enterAlone() {
    lock.writeLock().lock();
  }

  /** Changes the state; the caller is alone. */
  void become(DriverState next) {
    state = next;
  }

  /** Leaves after {@link #enterAlone}. */
  void leaveAlone() {
    lock.writeLock().unlock();
    runDeferred();
  }

  private boolean isInside() {
    return lock.getReadHoldCount() > 0 || lock.isWriteLockedByCurrentThread();
  }

  /** Runs the action now if this thread holds no lock of the driver, else as soon as it leaves. */
  void runOutside() {
    if (isInside()) {
      deferred.set(true);
    } else {
      outside.run();
    }
  }

  private void runDeferred() {
    if (deferred.get() && !isInside() && deferred.getAndSet(false)) {
      outside.run();
    }
  }
}
