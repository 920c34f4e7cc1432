package org.ioasis.api.memory;

import java.nio.ByteBuffer;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Where the first content of a region comes from: a file, a capture. Memory asks once per chunk, on
 * first touch, and never writes back.
 *
 * <p><b>Threading:</b> called from any thread, also concurrently; never under a lock that a
 * translation takes.
 */
@FunctionalInterface
@ConsumerType
public interface MemoryBacking {
  /** Content that is all zeros. */
  MemoryBacking ZERO = (address, into) -> {};

  /**
   * Fills the buffer with the content at a physical address.
   *
   * @param address physical address of the first byte, 4 KiB aligned
   * @param into little-endian, all zeros, position 0, never reaching beyond the region; bytes left
   *     alone read as 0
   */
  void fill(long address, ByteBuffer into);
}
