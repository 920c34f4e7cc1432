package org.ioasis.domain.device;

import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;

/**
 * Who may call the observers of one tenant: one caller at a time, and an observer that calls back
 * into its own tenant is refused instead of waiting for itself.
 *
 * <p><b>Threading:</b> any thread; no lock is held between {@link #take} and {@link #giveBack}.
 */
final class Turn {
  private Thread holder;

  synchronized void take(String what) {
    if (holder == Thread.currentThread()) {
      throw new IoasisException(
          Reason.BUSY,
          "%s refused: its observer is being asked in this very thread".formatted(what));
    }
    boolean interrupted = false;
    while (holder != null) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    holder = Thread.currentThread();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  synchronized void giveBack() {
    holder = null;
    notifyAll();
  }
}
