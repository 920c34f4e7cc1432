package org.ioasis.allocator.core;

import java.util.concurrent.atomic.AtomicReference;

/**
 * A lock for a few dozen instructions: it spins, and never parks a thread or allocates, so that
 * whoever may not block can take it. Not reentrant: taking it twice is our bug and fails at once.
 *
 * <p><b>Threading:</b> any thread. {@code unlock} releases to the next {@code lock}.
 */
public final class ShortLock {
  private static final int SPINS = 64;

  private final AtomicReference<Thread> owner = new AtomicReference<>();

  /** Takes the lock. */
  @SuppressWarnings("ThreadPriorityCheck") // whoever may not block cannot park
  public void lock() {
    Thread me = Thread.currentThread();
    if (owner.get() == me) {
      throw new IllegalStateException("short lock: taken twice by " + me.getName());
    }
    for (int spins = 0; !tryLock(me); spins++) {
      if (spins < SPINS) {
        Thread.onSpinWait();
      } else {
        Thread.yield(); // the owner may have been descheduled
      }
    }
  }

  private boolean tryLock(Thread me) {
    return owner.get() == null && owner.compareAndSet(null, me);
  }

  /** Gives it back. */
  public void unlock() {
    owner.setRelease(null);
  }

  /** Whether the calling thread has it; for assertions. */
  public boolean isMine() {
    return owner.get() == Thread.currentThread();
  }
}
