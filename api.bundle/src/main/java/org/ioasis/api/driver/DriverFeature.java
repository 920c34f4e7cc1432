package org.ioasis.api.driver;

/**
 * What a unit and its driver can do together, in neutral words. A refusal for want of one names the
 * vendor's capability bit.
 */
public enum DriverFeature {
  /** First-stage tables that the driver owns (VT-d first stage, SMMU stage 1, AMD v2). */
  FIRST_STAGE,
  /** Second-stage tables (VT-d second stage, SMMU stage 2, AMD v1). */
  SECOND_STAGE,
  /** A user's first stage over a second stage of the driver. */
  NESTED,
  /** Domains per (device, PASID). */
  PASID,
  /** A user's own PASID table under one attachment. */
  USER_PASID_TABLE,
  /** PCIe page requests and their responses. */
  PAGE_REQUESTS,
  /** Transactions that wait in the unit for a page. */
  STALLS,
  /** Device TLBs: translation requests, translated requests, their invalidation. */
  ATS,
  /** Hardware marks written leaves. */
  DIRTY_TRACKING,
  /** A domain can overrule a device's wish not to snoop. */
  ENFORCE_SNOOP,
  /** Rights distinguish execution from reading. */
  EXECUTE_PERMISSION,
  /** Rights distinguish privileged accesses. */
  PRIVILEGED_ACCESS,
  /** A mapping may be written without being readable. */
  WRITE_ONLY,
  /** Interrupt remapping. */
  INTERRUPT_REMAPPING,
  /** Interrupts posted into memory. */
  INTERRUPT_POSTING,
  /** The unit hands out PASIDs by a command interface of its own. */
  PASID_COMMANDS,
  /** Virtual IOMMUs over a nest parent. */
  VIRTUAL_IOMMU
}
