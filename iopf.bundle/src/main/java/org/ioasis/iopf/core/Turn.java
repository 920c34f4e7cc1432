package org.ioasis.iopf.core;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** Padding in front of what is shared. */
class TurnPad0 {
  long p00, p01, p02, p03, p04, p05, p06, p07;
}

/** What those who kick read and write, on a cache line that the work of a turn does not touch. */
class TurnShared extends TurnPad0 {
  volatile long state;
  volatile Object seat;
  final Dispatcher dispatcher;

  TurnShared(Dispatcher dispatcher) {
    this.dispatcher = dispatcher;
  }
}

/** Padding behind it. */
class TurnPad1 extends TurnShared {
  long p10, p11, p12, p13, p14, p15, p16, p17;

  TurnPad1(Dispatcher dispatcher) {
    super(dispatcher);
  }
}

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
public abstract class Turn extends TurnPad1 {
  private static final long IDLE = 0;
  private static final long ASKED = 1;
  private static final long RUNNING = 2;
  private static final long AGAIN = 3;
  private static final VarHandle STATE;

  static {
    try {
      STATE = MethodHandles.lookup().findVarHandle(TurnShared.class, "state", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** Portions before other turns get a chance. */
  private static final int MOST_PORTIONS = 16;

  Turn(Dispatcher dispatcher) {
    super(dispatcher);
  }

  private boolean change(long from, long to) {
    return STATE.compareAndSet((TurnShared) this, from, to);
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
      long seen = state;
      if (seen == ASKED || seen == AGAIN) {
        return;
      }
      if (change(seen, seen == IDLE ? ASKED : AGAIN)) {
        if (seen == IDLE) {
          dispatcher.ready(this);
        }
        return;
      }
    }
  }

  /** Runs what was asked for, if that is still to be done; called by the dispatcher. */
  public final void run() {
    if (change(ASKED, RUNNING)) {
      portions();
    }
  }

  /**
   * Does the work in the calling thread if no other is inside; that thread sees it otherwise. A
   * thread the dispatcher still sends finds nothing to do.
   */
  final void runHere() {
    while (true) {
      long seen = state;
      if (seen == IDLE || seen == ASKED) {
        if (change(seen, RUNNING)) {
          portions();
          return;
        }
      } else if (seen == AGAIN || change(RUNNING, AGAIN)) {
        return;
      }
    }
  }

  private void portions() {
    for (int i = 0; !isOver(); i++) {
      boolean more = work();
      if (isOver() || (!more && change(RUNNING, IDLE))) {
        return;
      }
      if (i >= MOST_PORTIONS) {
        state = ASKED;
        dispatcher.ready(this);
        return;
      }
      state = RUNNING;
    }
  }

  /** Whether nothing is asked for or under way. */
  public final boolean isIdle() {
    return state == IDLE;
  }

  /** What the dispatcher remembers about the thread that ran it last; may be null. */
  public final Object seat() {
    return seat;
  }

  /** Remembers something for the dispatcher. */
  public final void seat(Object thread) {
    if (seat != thread) {
      seat = thread; // else the line stays with those who kick
    }
  }
}
