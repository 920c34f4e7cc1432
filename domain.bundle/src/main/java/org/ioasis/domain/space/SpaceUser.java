package org.ioasis.domain.space;

import java.util.List;
import org.ioasis.api.IovaRange;
import org.ioasis.api.domain.AccessUser;
import org.ioasis.api.domain.Mapping;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Somebody inside the platform who is told of changes. Calls to one user never overlap, except that
 * a call may cause another one in its own thread.
 *
 * <p><b>Threading:</b> any thread; the monitor orders whose turn it is and is not held during a
 * call.
 */
final class SpaceUser {
  private static final Logger LOG = LoggerFactory.getLogger(SpaceUser.class);

  final String name;
  final boolean mayPin;
  private final AccessUser user;
  private final Runnable onFailure;
  private Thread turn;
  private int depth;

  /**
   * @param onFailure ends the user after a call that threw
   */
  SpaceUser(String name, boolean mayPin, AccessUser user, Runnable onFailure) {
    this.name = name;
    this.mayPin = mayPin;
    this.user = user;
    this.onFailure = onFailure;
  }

  void unmapping(List<IovaRange> ranges) {
    call(() -> user.unmapping(ranges));
  }

  void mapped(List<Mapping> mappings) {
    call(() -> user.mapped(mappings));
  }

  private void call(Runnable action) {
    begin();
    boolean failed = true;
    try {
      action.run();
      failed = false;
    } catch (RuntimeException e) {
      LOG.warn("{}: its callback threw, the access ends", name, e);
    } finally {
      finish();
      if (failed) {
        onFailure.run();
      }
    }
  }

  private synchronized void begin() {
    boolean interrupted = false;
    while (turn != null && turn != Thread.currentThread()) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    turn = Thread.currentThread();
    depth++;
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void finish() {
    if (--depth == 0) {
      turn = null;
      notifyAll();
    }
  }
}
