package org.ioasis.kit.driver;

import org.ioasis.api.driver.SyncResult;

/**
 * The domain behind a {@link TableBatch}: what only its vendor knows.
 *
 * <p><b>Threading:</b> any thread; {@link #invalidate} and {@link #flushStores} with the gate held.
 */
public interface TableOwner {
  /** The domain in messages: {@code domain 0x42 of unit dmar0}. */
  String name();

  /** Whether it was closed. */
  boolean isClosed();

  /** Whether the unit may have cached that nothing is mapped, so that new mappings need a word. */
  boolean gathersMaps();

  /**
   * Tells the unit and the devices of what was gathered and waits. Stores are ordered before. It
   * does not release frames.
   *
   * @return complete, or the devices that did not answer and were isolated
   * @throws org.ioasis.api.IoasisException HARDWARE or TIMED_OUT if the unit did not
   */
  SyncResult invalidate(Gather gather);

  /** Makes stores reach the unit when nothing has to be invalidated. */
  default void flushStores() {}
}
