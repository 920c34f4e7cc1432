package org.ioasis.api.device;

import org.osgi.annotation.versioning.ConsumerType;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Interrupt messages of a device. Where the unit remaps interrupts they go through entries of it;
 * otherwise the device writes to the vector itself. When the device comes behind another unit the
 * messages change, and the device is programmed anew while its port is closed.
 *
 * <p><b>Threading:</b> any thread, outside bursts.
 */
@ProviderType
public interface DeviceInterrupts extends AutoCloseable {
  /** Writes a message into the device, as its driver writes the MSI capability. */
  @FunctionalInterface
  @ConsumerType
  interface Programmer {
    /**
     * Message {@code index} is to be written to this address with this data from now on. Called
     * with locks held; returns quickly and calls nothing of the platform.
     */
    void program(int index, long address, int data);
  }

  /** Number of messages. */
  int count();

  /** Whether the messages go through entries of the unit now. */
  boolean remapped();

  /** Ends them; when it returns, no call of the handler is under way. */
  @Override
  void close();
}
