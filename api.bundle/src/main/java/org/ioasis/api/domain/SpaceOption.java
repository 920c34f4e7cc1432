package org.ioasis.api.domain;

/** Settings with the kernel's numbers; see {@link IoasService#option}. */
public enum SpaceOption {
  /**
   * Global: how pinned memory is accounted, 0 per user, 1 per client. BUSY once anything exists.
   */
  ACCOUNTING,
  /**
   * Per space: whether pages above the granule may be used, 1 or 0. Setting 0 is INVALID while
   * there are both domains and mappings, RESERVED if a mapping is not page aligned.
   */
  HUGE_PAGES,
  /** Global: bytes worked on at a time, at least 12; shows in speed only. */
  BATCH_BYTES
}
