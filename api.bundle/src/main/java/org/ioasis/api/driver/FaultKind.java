package org.ioasis.api.driver;

/** How a device waits for a page, and so how it is answered. */
public enum FaultKind {
  /** A PCIe page request: the device asks, its group is answered once. */
  PAGE_REQUEST,
  /** A transaction held in the unit: it is retried or ended. */
  STALL
}
