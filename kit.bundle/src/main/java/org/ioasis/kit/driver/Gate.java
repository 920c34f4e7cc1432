package org.ioasis.kit.driver;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Collections;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.driver.DriverState;

/**
 * Keeps life-cycle calls apart from all others, and fault handling away from locks.
 *
 * <p>Two ways in: {@link #enter} for work that may wait for the unit, and a {@link Door} for short
 * work that never does: a volatile store and a load instead of a shared lock, so that mapping page
 * after page costs little.
 *
 * <p>Work of the machine may run in a thread that waits inside a driver, so the fault interrupt may
 * come in a thread that holds locks. What {@link #outside} is given runs at once if the thread is
 * outside the driver, else when it leaves it.
 *
 * <p><b>Threading:</b> any thread. A door&#39;s flag and {@code alone} are each stored before the
 * other is read, so a life-cycle call and work behind a door see each other.
 */
public final class Gate {
  private static final long LOOK_NANOS = 20_000;

  private final String unitId;
  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
  private final AtomicBoolean deferred = new AtomicBoolean();
  private final Set<Door> doors = Collections.newSetFromMap(new WeakHashMap<>());
  private volatile DriverState state = DriverState.NEW;
  private volatile boolean alone;
  private volatile Runnable outside = () -> {};

  /** A gate. */
  public Gate(String unitId) {
    this.unitId = unitId;
  }

  /** Where the driver is in its life. */
  public DriverState state() {
    return state;
  }

  /** What {@link #runOutside} runs. */
  public void outside(Runnable action) {
    outside = action;
  }

  /**
   * Enters for work; life-cycle calls wait until {@link #leave}.
   *
   * @throws IoasisException GONE unless the driver runs
   */
  public void enter(String what) {
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
  public void leave() {
    lock.readLock().unlock();
    runDeferred();
  }

  /** Enters for a life-cycle call: everybody else is outside. */
  public void enterAlone() {
    lock.writeLock().lock();
    alone = true;
    awaitDoors();
  }

  /** Changes the state; the caller is alone. */
  public void become(DriverState next) {
    state = next;
  }

  /** Leaves after {@link #enterAlone}. */
  public void leaveAlone() {
    if (lock.writeLock().getHoldCount() == 1) {
      alone = false;
    }
    lock.writeLock().unlock();
    runDeferred();
  }

  /** A new way in, for one thread at a time. */
  public Door door() {
    Door door = new Door(this);
    synchronized (doors) {
      doors.add(door);
    }
    return door;
  }

  /** Returns when everybody who was behind a door has left it. */
  public void awaitDoors() {
    Door[] all;
    synchronized (doors) {
      all = doors.toArray(new Door[0]);
    }
    for (Door door : all) {
      while (door != null && door.inside) {
        LockSupport.parkNanos(LOOK_NANOS);
      }
    }
  }

  private boolean isInside() {
    return lock.getReadHoldCount() > 0 || lock.isWriteLockedByCurrentThread();
  }

  /** Runs the action now if this thread holds no lock of the driver, else as soon as it leaves. */
  public void runOutside() {
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

  /**
   * A way in for short work: neither waits for the unit nor touches its registers.
   *
   * <p><b>Threading:</b> one thread at a time.
   */
  public static final class Door {
    private static final VarHandle INSIDE;

    static {
      try {
        INSIDE = MethodHandles.lookup().findVarHandle(Door.class, "inside", boolean.class);
      } catch (ReflectiveOperationException e) {
        throw new ExceptionInInitializerError(e);
      }
    }

    private final Gate gate;
    private volatile boolean inside;
    private boolean locked;

    private Door(Gate gate) {
      this.gate = gate;
    }

    /**
     * Enters for short work.
     *
     * @throws IoasisException GONE unless the driver runs
     */
    public void enter(String what) {
      inside = true;
      if (gate.alone || gate.state != DriverState.RUNNING) {
        inside = false;
        enterToWait(what);
      }
    }

    /** Enters for work that may wait for the unit. */
    public void enterToWait(String what) {
      gate.enter(what);
      locked = true;
    }

    /** Leaves. */
    public void leave() {
      if (locked) {
        locked = false;
        gate.leave();
      } else {
        INSIDE.setRelease(this, false);
      }
    }
  }
}
