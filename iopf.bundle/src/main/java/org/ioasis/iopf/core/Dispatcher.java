package org.ioasis.iopf.core;

/**
 * Who lends threads to {@link Turn}s: in the platform a bounded pool, in tests a list that is
 * stepped.
 *
 * <p><b>Threading:</b> any thread. Implementations never run the turn inside {@link #ready}, unless
 * they have ended: then there is nobody else.
 */
@FunctionalInterface
public interface Dispatcher {
  /** A turn that was idle has something to do: {@link Turn#run} is to be called once, soon. */
  void ready(Turn turn);
}
