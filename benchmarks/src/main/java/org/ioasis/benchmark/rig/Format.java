package org.ioasis.benchmark.rig;

/** Which kind of table a vendor is to walk; its own name for it stands in its class. */
public enum Format {
  /** What a hypervisor or an operating system makes for devices. */
  SECOND_STAGE,

  /** What a process has; reached without a PASID in the request. */
  FIRST_STAGE,

  /** {@link #FIRST_STAGE} of a guest over 4 KiB pages of {@link #SECOND_STAGE}, one to one. */
  NESTED
}
