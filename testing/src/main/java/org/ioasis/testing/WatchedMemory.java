package org.ioasis.testing;

import java.util.Set;

/**
 * A memory that runs something after each call that may have changed it.
 *
 * @param <M> its type, which this module does not know
 */
public final class WatchedMemory<M> {
  private static final Set<String> LOOKS =
      Set.of(
          "addressBits",
          "status",
          "load8",
          "load16",
          "load32",
          "load64",
          "load128",
          "read",
          "findAny64",
          "countAny64",
          "clean",
          "barrier");

  private final M watched;
  private Runnable watch = () -> {};
  private boolean watching;

  /**
   * Nothing is run yet.
   *
   * @param type an interface
   * @param memory the real one; what is run after a change may use it, and the watched one
   */
  public WatchedMemory(Class<M> type, M memory) {
    watched =
        Between.stand(
            type,
            memory,
            (method, arguments, result) -> {
              if (!LOOKS.contains(method) && !watching) {
                watching = true;
                watch.run();
                watching = false;
              }
              return result;
            });
  }

  /** Says what is run from now on. */
  public void watch(Runnable what) {
    watch = what;
  }

  /** The memory as whoever is watched gets it. */
  public M watched() {
    return watched;
  }
}
