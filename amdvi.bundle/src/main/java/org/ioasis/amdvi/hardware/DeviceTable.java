package org.ioasis.amdvi.hardware;

import org.ioasis.amdvi.format.Dte;
import org.ioasis.api.memory.MemoryStatus;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.api.memory.Word128;

/**
 * Reads device table entries: words 0 and 1 in one access and then words 2 and 3, so that software
 * that writes the upper half first when it makes an entry valid is safe.
 *
 * <p><b>Threading:</b> any thread; immutable.
 */
final class DeviceTable {
  private final PhysicalMemory memory;
  private final Capabilities capabilities;

  DeviceTable(PhysicalMemory memory, Capabilities capabilities) {
    this.memory = memory;
    this.capabilities = capabilities;
  }

  /** What reading the entry at an address would meet. */
  MemoryStatus status(long address) {
    return memory.status(address, Dte.BYTES);
  }

  /** The entry at an address; null if memory is absent or poisoned there. */
  DeviceEntry read(int deviceId, long address) {
    Word128 low = new Word128();
    Word128 high = new Word128();
    if (memory.load128(address, low) != MemoryStatus.OK
        || memory.load128(address + 16, high) != MemoryStatus.OK) {
      return null;
    }
    return new DeviceEntry(deviceId, capabilities, low.lo(), low.hi(), high.lo(), high.hi());
  }
}
