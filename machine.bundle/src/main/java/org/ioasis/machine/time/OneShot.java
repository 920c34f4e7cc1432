package org.ioasis.machine.time;

import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.ioasis.api.machine.TimeSource;

/**
 * An action that runs once or is cancelled, never both.
 *
 * <p><b>Threading:</b> any thread; whoever turns {@code taken} decides.
 */
final class OneShot implements TimeSource.Timer, Runnable {
  private final AtomicBoolean taken = new AtomicBoolean();
  private final Runnable action;

  /** What to cancel at the executor, or null. */
  volatile Future<?> future;

  OneShot(Runnable action) {
    this.action = action;
  }

  @Override
  public void run() {
    if (taken.compareAndSet(false, true)) {
      action.run();
    }
  }

  @Override
  public boolean cancel() {
    boolean first = taken.compareAndSet(false, true);
    Future<?> pending = future;
    if (first && pending != null) {
      pending.cancel(false);
    }
    return first;
  }

  /** Whether it has neither run nor been cancelled. */
  boolean isPending() {
    return !taken.get();
  }
}
