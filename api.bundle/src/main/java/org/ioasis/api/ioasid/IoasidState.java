package org.ioasis.api.ioasid;

/** The state of an id. */
public enum IoasidState {
  /** Nobody's; may be handed out. */
  FREE,
  /** Handed out, nobody holds a lease. */
  IDLE,
  /** Somebody holds a lease. */
  ACTIVE,
  /**
   * Freed, and not over yet: gives no new lease, and is not handed out again until the last lease
   * is closed, the first phase has ended, and the acknowledgements are in or late.
   */
  FREE_PENDING
}
