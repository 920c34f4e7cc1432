package org.ioasis.api.machine;

import org.osgi.annotation.versioning.ProviderType;

/**
 * Who runs the work of a machine's models.
 *
 * <p><b>Threading:</b> {@link #queue} from any thread; {@link #step} and {@link #runUntilIdle} by
 * one thread at a time.
 */
@ProviderType
public interface Scheduler {
  /** Where turns run. */
  enum Mode {
    /** In the thread that kicks, before the kick returns. */
    INLINE,
    /** On threads of the machine. */
    THREADED,
    /** Only in {@link Scheduler#step}, in an order drawn from the machine's seed. */
    STEPS
  }

  /** The mode, fixed when the machine is made. */
  Mode mode();

  /** A place for {@code work}; the machine stops it when it closes. */
  WorkQueue queue(String name, Work work);

  /** Ends a place: no turn begins any more, and the call returns when none is under way. */
  void remove(WorkQueue queue);

  /**
   * Runs one pending turn, drawn by the seed.
   *
   * @return false if nothing was pending
   * @throws IllegalStateException unless the mode is {@link Mode#STEPS}
   */
  boolean step();

  /**
   * In {@link Mode#STEPS} runs turns until none is pending; in the other modes waits for that.
   *
   * @param maxSteps bound on turns
   * @return whether it became idle within the bound
   */
  boolean runUntilIdle(int maxSteps);
}
