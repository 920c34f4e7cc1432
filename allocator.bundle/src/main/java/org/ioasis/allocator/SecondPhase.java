package org.ioasis.allocator;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The threads of the second phase: one that is woken and starts what has to be told, and one per
 * listener that is being told.
 *
 * <p><b>Threading:</b> {@link #ring} from any thread: a volatile store and an unpark, nothing else.
 */
final class SecondPhase implements AutoCloseable {
  private final ExecutorService tellers =
      Executors.newCachedThreadPool(action -> daemon(action, "ioasid-listener"));
  private volatile boolean rung;
  private volatile boolean ended;
  private volatile Thread thread;

  private static Thread daemon(Runnable action, String name) {
    Thread made = new Thread(action, name);
    made.setDaemon(true);
    return made;
  }

  ExecutorService tellers() {
    return tellers;
  }

  /** There is something to do. */
  void ring() {
    if (!rung) {
      rung = true;
      LockSupport.unpark(thread);
    }
  }

  /** Starts. */
  void start(Runnable pump) {
    thread = daemon(() -> loop(pump), "ioasid-second-phase");
    thread.start();
  }

  private void loop(Runnable pump) {
    while (!ended) {
      if (rung) {
        rung = false;
        pump.run();
      } else {
        LockSupport.park(this);
      }
    }
  }

  /** Ends; a listener under way has a second to return. */
  @Override
  public void close() {
    ended = true;
    LockSupport.unpark(thread);
    tellers.shutdown();
    try {
      tellers.awaitTermination(1, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    tellers.shutdownNow();
  }
}
