package org.ioasis.api.memory;

import org.osgi.annotation.versioning.ProviderType;

/**
 * Frames of RAM for one owner, typically the table pages of a driver. The machine knows which owner
 * holds which frame; when the owner is gone its frames come back after the fabric's grace, so that
 * no walk under way reads a frame that somebody else has been given.
 *
 * <p><b>Threading:</b> any thread; a short lock inside.
 */
@ProviderType
public interface FrameAllocator extends AutoCloseable {
  /** log2 of the frame size in bytes: 12. */
  int FRAME_LG2 = 12;

  /** The owner all frames of this allocator belong to. */
  String owner();

  /**
   * Takes {@code 2^sizeLg2} bytes, naturally aligned and zeroed.
   *
   * @param sizeLg2 12 to 30
   * @return the physical address
   * @throws org.ioasis.api.IoasisException EXHAUSTED if no run of that size is free
   */
  long allocate(int sizeLg2);

  /**
   * Gives back what {@link #allocate} returned; immediately reusable, so the caller has
   * synchronised with the unit before.
   *
   * @throws org.ioasis.api.IoasisException DENIED if the frames are not this owner's, INVALID if
   *     they were not allocated with this size
   */
  void free(long address, int sizeLg2);

  /** Bytes this owner holds. */
  long allocatedBytes();

  /**
   * Tells everything this owner holds, in order of address: what a driver that adopts live tables
   * compares with what the tables reach.
   */
  void forEach(FrameSink sink);

  /** Gives everything back after the fabric's grace; later calls throw GONE. */
  @Override
  void close();
}
