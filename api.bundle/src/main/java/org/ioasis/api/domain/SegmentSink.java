package org.ioasis.api.domain;

import org.osgi.annotation.versioning.ConsumerType;

/** Takes contiguous runs of physical memory. */
@FunctionalInterface
@ConsumerType
public interface SegmentSink {
  /**
   * A run.
   *
   * @param address physical address
   * @param length bytes
   */
  void segment(long address, long length);
}
