package org.ioasis.api.machine;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * What a model does when one of its queues was kicked. Models own no threads; this is their turn.
 */
@FunctionalInterface
@ConsumerType
public interface Work {
  /** How a turn ended. */
  enum Progress {
    /** The queue is drained or has stopped; the next turn comes with the next kick. */
    DONE,
    /** It waits for something that ends by itself (the fabric's grace): come again. */
    WAITING
  }

  /**
   * One turn. Turns of one {@link WorkQueue} never overlap. Bounded: a turn handles at most what
   * its ring holds.
   */
  Progress run();
}
