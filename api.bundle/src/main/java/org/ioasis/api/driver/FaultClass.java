package org.ioasis.api.driver;

/** What the unit was reading or doing when the refusal came, as far as the record tells. */
public enum FaultClass {
  /** The record does not say. */
  UNKNOWN,
  /** The data access itself. */
  DATA,
  /** A page table of an outer stage. */
  TABLE,
  /** A context: device, stream or PASID table entry. */
  CONTEXT,
  /** An interrupt remapping entry. */
  INTERRUPT
}
