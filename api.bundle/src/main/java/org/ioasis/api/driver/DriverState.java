package org.ioasis.api.driver;

/** Where a driver is in its life. */
public enum DriverState {
  /** Made; has written nothing. */
  NEW,
  /** Serves; after start or adopt. */
  RUNNING,
  /** Has let go of hardware that translates on; only close is left. */
  HANDED_OVER,
  /** Has switched the unit off; only close is left. */
  STOPPED
}
