package org.ioasis.machine.time;

/**
 * What a wait on a machine's clock does while its condition does not hold: it lets the machine's
 * models work, in the thread that waits.
 *
 * <p><b>Threading:</b> any thread.
 */
public interface Idler {
  /** Work that needs no help: real threads or nothing at all. */
  Idler NONE = () -> false;

  /**
   * Lets pending work run.
   *
   * @return whether anything moved on, so that the condition is worth another look before time goes
   *     on
   */
  boolean progress();

  /**
   * Whether pending work waits for a DMA burst that another thread has open. Bursts end in real
   * time, so simulated time should not go on meanwhile.
   */
  default boolean isHeld() {
    return false;
  }

  /**
   * Refuses a wait that can never end.
   *
   * @throws IllegalStateException inside the caller's own burst
   */
  default void checkMayWait() {}
}
