package org.ioasis.api.driver;

/** Which translation refused, as far as the record tells. */
public enum FaultStage {
  /** The record does not say; page requests never do. */
  UNKNOWN,
  /** The first stage: IOVA to guest physical address. */
  FIRST,
  /** The second stage: to host physical address. */
  SECOND
}
