package org.ioasis.kit.queue;

import org.ioasis.api.memory.MemoryStatus;
import org.ioasis.api.memory.PhysicalMemory;

/**
 * The side that writes: the unit puts records into the ring, software takes them. Stateless but for
 * the memory; the pointers are the caller's, who moves the tail with {@link Ring#next} after {@link
 * Put#STORED}, so that a record is in memory before anybody can see the tail.
 *
 * <p><b>Threading:</b> any thread; two records at the same tail are the caller's to keep apart.
 * Nothing allocates.
 */
public final class ProducerRing {
  /** What became of a record. */
  public enum Put {
    /** It is in memory. */
    STORED,
    /** The ring is full; nothing was written. */
    FULL,
    /** Memory is absent or poisoned there; nothing was written. */
    BUS_ERROR
  }

  private final PhysicalMemory memory;

  /** A ring in a memory. */
  public ProducerRing(PhysicalMemory memory) {
    this.memory = memory;
  }

  /**
   * Writes a record at the tail.
   *
   * @param record the words; longer than an entry is allowed, what follows is left out
   */
  public Put put(Ring ring, long head, long tail, long[] record) {
    if (ring.isFull(head, tail)) {
      return Put.FULL;
    }
    long at = ring.address(tail);
    int words = ring.words();
    if (memory.status(at, 8L * words) != MemoryStatus.OK) {
      return Put.BUS_ERROR;
    }
    boolean stored = true;
    for (int word = 0; word < words; word++) {
      stored &= memory.store64(at + 8L * word, record[word]);
    }
    return stored ? Put.STORED : Put.BUS_ERROR;
  }
}
