package org.ioasis.api.machine;

/** What becomes of a transaction that a unit held. */
public enum StallEnd {
  /** Send it again; it is translated anew and may stall anew. */
  RETRY,
  /** It ends with an error at the device. */
  ABORT,
  /** It ends quietly: a read gives zeros, a write is dropped. */
  QUIET,
  /** The unit that held it is gone: send it again, to whatever serves the port then. */
  MOVED
}
