package org.ioasis.api.driver;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Takes runs of written pages.
 *
 * <p><b>Threading:</b> called in the thread that reads, without a lock held.
 */
@FunctionalInterface
@ConsumerType
public interface DirtySink {
  /**
   * A run of written addresses; whole leaf pages, clipped to the range that was asked for.
   *
   * @param iova first address
   * @param length bytes
   */
  void dirty(long iova, long length);
}
