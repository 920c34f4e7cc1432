package org.ioasis.kit.queue;

import org.ioasis.api.memory.MemoryStatus;
import org.ioasis.api.memory.PhysicalMemory;

/**
 * The side that reads: software puts commands into the ring, the unit takes them. {@link #open}
 * takes a snapshot of both pointers, masked; then at most as many entries are fetched as lay
 * between them, whatever software writes meanwhile.
 *
 * <pre>
 *   ring.open(shape, head, tail);
 *   while (ring.fetch(entry) == Fetch.ENTRY &amp;&amp; execute(entry)) {
 *     ring.consumed();
 *   }
 *   publish(ring.head());
 * </pre>
 *
 * <p><b>Threading:</b> confined to one turn of the queue's work. Nothing allocates.
 */
public final class ConsumerRing {
  /** What a fetch met. */
  public enum Fetch {
    /** An entry. */
    ENTRY,
    /** Nothing is left of what was there when the ring was opened. */
    EMPTY,
    /** Memory is absent or poisoned where the entry lies. */
    BUS_ERROR
  }

  private final PhysicalMemory memory;
  private Ring ring = new Ring(0, 0, 4, true);
  private long head;
  private long left;

  /** A ring in a memory; nothing is open. */
  public ConsumerRing(PhysicalMemory memory) {
    this.memory = memory;
  }

  /** Takes the pointers as they are now. */
  public void open(Ring shape, long headNow, long tailNow) {
    ring = shape;
    head = shape.pointer(headNow);
    left = shape.used(headNow, tailNow);
  }

  /**
   * Reads the entry at the head without moving it.
   *
   * @param entry takes the words; longer than an entry is allowed, what follows is left alone
   */
  public Fetch fetch(long[] entry) {
    if (left == 0) {
      return Fetch.EMPTY;
    }
    long at = ring.address(head);
    int words = ring.words();
    if (memory.status(at, 8L * words) != MemoryStatus.OK) {
      return Fetch.BUS_ERROR;
    }
    for (int word = 0; word < words; word++) {
      entry[word] = memory.load64(at + 8L * word);
    }
    return Fetch.ENTRY;
  }

  /** Moves the head past the entry fetched. */
  public void consumed() {
    if (left > 0) {
      head = ring.next(head);
      left--;
    }
  }

  /** The head now. */
  public long head() {
    return head;
  }

  /** Entries that were there when the ring was opened and have not been consumed. */
  public long left() {
    return left;
  }
}
