package org.ioasis.domain.space;

import java.util.concurrent.locks.ReentrantLock;

/**
 * A lock that is held for microseconds: who meets it held looks again a few times before it gives
 * its processor up, since waking up takes longer than the holder needs.
 *
 * <p><b>Threading:</b> any thread.
 */
final class BriefLock extends ReentrantLock {
  private static final long serialVersionUID = 1L;
  private static final int LOOKS = 100;

  @Override
  public void lock() {
    for (int look = 0; look < LOOKS; look++) {
      if (tryLock()) {
        return;
      }
      Thread.onSpinWait();
    }
    super.lock();
  }
}
