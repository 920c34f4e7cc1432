package org.ioasis.api.ioasid;

/** The state of a set. */
public enum SetState {
  /** Everything is possible. */
  ACTIVE,
  /** Nothing changes any more: no allocation, binding or new lease; frees still count. */
  FROZEN,
  /** Its content has been handed out for migration; only import elsewhere or thaw go on. */
  EXPORTED,
  /** Destroyed while references remain. */
  DESTROY_PENDING
}
