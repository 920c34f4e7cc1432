package org.ioasis.api.memory;

import org.osgi.annotation.versioning.ConsumerType;

/** Takes runs of frames. */
@FunctionalInterface
@ConsumerType
public interface FrameSink {
  /**
   * One run.
   *
   * @param address physical address
   * @param sizeLg2 log2 of its bytes, as it was allocated
   */
  void frames(long address, int sizeLg2);
}
