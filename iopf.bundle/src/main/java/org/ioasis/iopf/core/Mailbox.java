package org.ioasis.iopf.core;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Calls to one observer or listener, in order, after the fact. If it is slow the oldest are lost
 * and counted.
 *
 * <p><b>Threading:</b> any thread puts calls in; {@code calls} is guarded by itself and not held
 * during a call.
 */
final class Mailbox extends Turn {
  private final Router router;
  private final String name;
  private final int most;
  private final Deque<Runnable> calls = new ArrayDeque<>();
  private volatile boolean closed;

  Mailbox(Router router, String name) {
    super(router.around().dispatcher());
    this.router = router;
    this.name = name;
    this.most = router.around().settings().mailbox();
  }

  void put(Runnable call) {
    synchronized (calls) {
      if (calls.size() >= most) {
        calls.poll();
        router.counters().count(Counter.OBSERVER_LOST);
      }
      calls.add(call);
    }
    kick();
  }

  /** No call begins any more. */
  void close() {
    closed = true;
    synchronized (calls) {
      calls.clear();
    }
  }

  @Override
  boolean work() {
    Runnable call;
    synchronized (calls) {
      call = calls.poll();
    }
    if (call == null || closed) {
      return false;
    }
    try {
      call.run();
    } catch (Throwable thrown) { // whatever a foreign bundle throws, also an error of its linkage
      router.counters().count(Counter.OBSERVER_THREW);
      router.watcher().threw(name, thrown);
    }
    synchronized (calls) {
      return !calls.isEmpty();
    }
  }
}
