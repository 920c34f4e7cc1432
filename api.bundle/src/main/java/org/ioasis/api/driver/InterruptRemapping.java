package org.ioasis.api.driver;

import org.osgi.annotation.versioning.ProviderType;

/**
 * Optional capability of a driver: interrupts of devices that go through entries of the unit.
 *
 * <p><b>Threading:</b> any thread, outside bursts.
 */
@ProviderType
public interface InterruptRemapping {
  /**
   * Entries for a device's messages, in a naturally aligned block.
   *
   * @param count 1, 2, 4, 8, 16 or 32
   * @throws org.ioasis.api.IoasisException EXHAUSTED if no block is left
   */
  RemappedInterrupts allocate(DriverDevice device, int count);

  /** A block of entries. Born masked: a message that meets it is dropped and counted. */
  @ProviderType
  interface RemappedInterrupts extends AutoCloseable {
    /** Number of entries. */
    int count();

    /** Address that the device writes to for the entry. */
    long address(int index);

    /** Data that the device writes for the entry. */
    int data(int index);

    /** Sends messages of the entry to a vector from now on; returns after the sync. */
    SyncResult retarget(int index, long vectorAddress, int vectorData);

    /**
     * Posts messages of the entry into memory from now on.
     *
     * @param descriptor physical address of the vendor's posting structure
     * @param vector which of its bits
     * @param urgent whether each one is also notified at once
     * @throws org.ioasis.api.IoasisException UNSUPPORTED without posting
     */
    SyncResult post(int index, long descriptor, int vector, boolean urgent);

    /** Drops messages of the entry from now on; returns after the sync. */
    SyncResult mask(int index);

    /** Frees the block after a sync. */
    @Override
    void close();
  }
}
