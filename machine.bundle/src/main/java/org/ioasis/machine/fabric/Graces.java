package org.ioasis.machine.fabric;

/**
 * What the rest of a machine may ask about open bursts; made before the fabric, since the scheduler
 * and the clock need it.
 *
 * <p><b>Threading:</b> any thread.
 */
public final class Graces {
  private final BurstRegistry registry = new BurstRegistry();

  BurstRegistry registry() {
    return registry;
  }

  /** Whether any burst is open. */
  public boolean isAnyOpen() {
    return registry.isAnyOpen();
  }

  /** Whether the calling thread has a burst open. */
  public boolean isCallerInside() {
    return registry.isCallerInside();
  }

  /**
   * Refuses a wait inside a burst.
   *
   * @throws IllegalStateException if the calling thread has a burst open
   */
  public void checkCallerOutside(String what) {
    registry.checkCallerOutside(what);
  }

  /** Waits until every burst open now has ended. */
  public void await() {
    registry.await(registry.ticket());
  }
}
