package org.ioasis.iopf.core;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Work of one place that comes in portions and is done by one thread at a time. Its state is one
 * number:
 *
 * <pre>
 *  IDLE     nothing to do
 *  ASKED    given to the dispatcher, no thread is inside
 *  RUNNING  a thread is inside
 *  AGAIN    a thread is inside and has been asked for more
 * </pre>
 *
 * A kick of an idle turn goes to the dispatcher, any other is seen by the thread inside before it
 * leaves. So no kick is lost and nothing runs twice at once.
 *
 * <p><b>Threading:</b> any thread; what a kicker stored before is visible in the portion that
 * follows.
 */
public abstract class Turn {
  private static final int IDLE = 0;
  private static final int ASKED = 1;
  private static final int RUNNING = 2;
  private static final int AGAIN = 3;

  /** Portions before other turns get a chance. */
  private static final int MOST_PORTIONS = 16;

  private final Dispatcher dispatcher;
  private final AtomicInteger state = new AtomicInteger();
  private volatile Object seat;

  Turn(Dispatcher dispatcher) {
    this.dispatcher = dispatcher;
  }

  /**
   * Does one bounded portion. Throws nothing.
   *
   * @return whether more is left
   */
  abstract boolean work();

  /**
   * Whether the thread inside has to leave at once, because another one has taken its place: it
   * counts as a thread no more.
   */
  public boolean isOver() {
    return false;
  }

  /** Asks for a thread. */
  final void kick() {
    while (true) {
      int seen = state.get();
      if (seen == ASKED || seen == AGAIN) {
        return;
      }
      if (state.compareAndSet(seen, seen == IDLE ? ASKED : AGAIN)) {
        if (seen == IDLE) {
          dispatcher.ready(this);
        }
        return;
      }
    }
  }

  /** Runs what was asked for, if that is still to be done; called by the dispatcher. */
  public final void run() {
    if (state.compareAndSet(ASKED, RUNNING)) {
      portions();
    }
  }

  /**
   * Does the work in the calling thread if no other is inside; that thread sees it otherwise. A
   * thread the dispatcher still sends finds nothing to do.
   */
  final void runHere() {
    while (true) {
      int seen = state.get();
      if (seen == IDLE || seen == ASKED) {
        if (state.compareAndSet(seen, RUNNING)) {
          portions();
          return;
        }
      } else if (seen == AGAIN || state.compareAndSet(RUNNING, AGAIN)) {
        return;
      }
    }
  }

  private void portions() {
    for (int i = 0; !isOver(); i++) {
      boolean more = work();
      if (isOver() || (!more && state.compareAndSet(RUNNING, IDLE))) {
        return;
      }
      if (i >= MOST_PORTIONS) {
        state.set(ASKED);
        dispatcher.ready(this);
        return;
      }
      state.set(RUNNING);
    }
  }

  /** Whether nothing is asked for or under way. */
  public final boolean isIdle() {
    return state.get() == IDLE;
  }

  /** What the dispatcher remembers about the thread that ran it last; may be null. */
  public final Object seat() {
    return seat;
  }

  /** Remembers something for the dispatcher. */
  public final void seat(Object thread) {
    seat = thread;
  }
}
