package org.ioasis.kit.queue;

/**
 * Where a ring lies and how its pointers count. Pure functions on pointers; every pointer that is
 * given is masked first, so any value is legal.
 *
 * @param base address of entry 0; low bits that the architecture ignores are already cleared
 * @param entriesLg2 log2 of the number of entries, 0 to 30
 * @param entryLg2 log2 of the bytes of an entry, 3 (one word) to 8
 * @param wraps whether pointers carry a wrap bit above the index
 */
public record Ring(long base, int entriesLg2, int entryLg2, boolean wraps) {
  private static final int LARGEST_LG2 = 30, WORD_LG2 = 3, LARGEST_ENTRY_LG2 = 8;

  /**
   * Checks the shape.
   *
   * @throws IllegalArgumentException if a size is out of its range
   */
  public Ring {
    if (entriesLg2 < 0 || entriesLg2 > LARGEST_LG2) {
      throw new IllegalArgumentException("ring refused: 2^" + entriesLg2 + " entries");
    }
    if (entryLg2 < WORD_LG2 || entryLg2 > LARGEST_ENTRY_LG2) {
      throw new IllegalArgumentException("ring refused: entries of 2^" + entryLg2 + " bytes");
    }
  }

  /** Number of entries. */
  public long entries() {
    return 1L << entriesLg2;
  }

  /** How many entries can be in use at a time. */
  public long capacity() {
    return wraps ? entries() : entries() - 1;
  }

  /** Words of an entry. */
  public int words() {
    return 1 << (entryLg2 - WORD_LG2);
  }

  /** The bits of a pointer that count: its index and, if there is one, the wrap bit. */
  public long pointer(long any) {
    return any & (wraps ? 2 * entries() - 1 : entries() - 1);
  }

  /** The index of a pointer. */
  public long index(long pointer) {
    return pointer & (entries() - 1);
  }

  /** The pointer that follows. */
  public long next(long pointer) {
    return pointer(pointer + 1);
  }

  /** Address of the entry that a pointer names. */
  public long address(long pointer) {
    return base + (index(pointer) << entryLg2);
  }

  /**
   * Entries from head to tail. With a wrap bit and pointers that no honest software writes the
   * difference exceeds the ring; it counts as a full ring.
   */
  public long used(long head, long tail) {
    return Math.min(pointer(tail - head), entries());
  }

  /** Whether nothing lies between the pointers. */
  public boolean isEmpty(long head, long tail) {
    return pointer(head) == pointer(tail);
  }

  /** Whether no entry can be put at the tail any more. */
  public boolean isFull(long head, long tail) {
    return used(head, tail) >= capacity();
  }
}
