package org.ioasis.api.engine;

/** How an access of a DMA engine ended. */
public enum TransferStatus {
  /** All bytes moved. */
  OK,
  /** The unit refused it, a page request was answered in the negative, or a stall was aborted. */
  FAULT,
  /** The port was closed for longer than the device waits. */
  BLOCKED,
  /** Nobody answered a page request or ended a stalled transaction in time. */
  TIMED_OUT,
  /** Nobody serves such a request here (PCIe Unsupported Request). */
  UNSUPPORTED,
  /** Blocked by the unit&#39;s configuration without a record. */
  ABORTED,
  /** It ended quietly: a read gave zeros, a write was dropped. */
  QUIET,
  /** Translated, but no memory is there. */
  BUS_ERROR,
  /** Sent again too often; see {@link EngineSpec#retries()}. */
  GAVE_UP
}
