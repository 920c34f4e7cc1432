package org.ioasis.api.memory;

import java.nio.ByteBuffer;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The physical memory of one machine: little-endian, byte-addressed, up to 56 address bits, sparse.
 * Inside RAM what was never written reads 0; outside RAM every access is a bus error.
 *
 * <p><b>Errors without allocation.</b> A load that meets absent or poisoned memory returns all ones
 * in its width; a caller that sees all ones and must know asks {@link #status}. Stores, compare and
 * set, and bulk operations say it in their result; nothing is written when any byte is absent or
 * poisoned.
 *
 * <p><b>Alignment.</b> 16-, 32-, 64- and 128-bit accesses are naturally aligned; a misaligned
 * address is a caller's error ({@link IllegalArgumentException}).
 *
 * <p><b>Order.</b> Loads acquire, stores release, read-modify-write does both. {@link #barrier()}
 * orders stores before a doorbell write. 128-bit operations are single-copy atomic against each
 * other; a 64-bit store of one half falls before or after them as a whole half.
 *
 * <p><b>Threading:</b> every method may be called from any thread at any time; none blocks on I/O
 * except the first touch of memory that a file backs.
 *
 * <p>Whoever holds this object can read and write everything: it is handed over, never registered
 * as a service.
 */
@ProviderType
public interface PhysicalMemory {
  /** Width of a physical address in bits, 32 to 56. An address at or above is absent. */
  int addressBits();

  /**
   * What an access to {@code length} bytes at {@code address} would meet. {@link
   * MemoryStatus#ABSENT} wins over {@link MemoryStatus#POISONED}. A length of 0 is OK; a range that
   * wraps is absent.
   */
  MemoryStatus status(long address, long length);

  /** Loads 8 bits. */
  byte load8(long address);

  /** Loads 16 bits, naturally aligned. */
  short load16(long address);

  /** Loads 32 bits, naturally aligned. */
  int load32(long address);

  /** Loads 64 bits, naturally aligned. */
  long load64(long address);

  /**
   * Loads 128 bits, 16-byte aligned, single-copy atomic.
   *
   * @return OK, or why {@code into} now holds all ones
   */
  MemoryStatus load128(long address, Word128 into);

  /** Stores 8 bits; false if the byte is absent or poisoned. */
  boolean store8(long address, byte value);

  /** Stores 16 bits, naturally aligned; false if absent or poisoned. */
  boolean store16(long address, short value);

  /** Stores 32 bits, naturally aligned; false if absent or poisoned. */
  boolean store32(long address, int value);

  /** Stores 64 bits, naturally aligned; false if absent or poisoned. */
  boolean store64(long address, long value);

  /** Stores 128 bits, 16-byte aligned, single-copy atomic; false if absent or poisoned. */
  boolean store128(long address, long lo, long hi);

  /**
   * Stores {@code value} if the 32 bits equal {@code expected}.
   *
   * @return the value found; all ones if absent or poisoned
   */
  int compareAndExchange32(long address, int expected, int value);

  /**
   * Stores {@code value} if the 64 bits equal {@code expected}.
   *
   * @return the value found; all ones if absent or poisoned
   */
  long compareAndExchange64(long address, long expected, long value);

  /** Stores 64 bits and returns what was there; all ones if absent or poisoned. */
  long getAndSet64(long address, long value);

  /** Adds to 64 bits, wrapping, and returns what was there; all ones if absent or poisoned. */
  long getAndAdd64(long address, long addend);

  /**
   * Stores {@code (lo, hi)} if the 128 bits equal {@code expected}; otherwise leaves memory alone
   * and puts what was found into {@code expected}.
   *
   * @return whether it stored
   */
  boolean compareAndSet128(long address, Word128 expected, long lo, long hi);

  /**
   * Stores the words {@code first, first + step, first + 2 * step ...}. Each appears as a whole, in
   * any order among themselves and after every earlier store of this thread: entries of a table.
   *
   * @param address of the first word, naturally aligned
   * @param count words, 0 or more
   * @return words stored; less than {@code count} if the next one is absent or poisoned
   */
  default int storeRun64(long address, int count, long first, long step) {
    long value = first;
    for (int i = 0; i < count; i++) {
      if (!store64(address + 8L * i, value)) {
        return i;
      }
      value += step;
    }
    return count;
  }

  /**
   * As {@link #storeRun64}, but ends before the first word that has one of the bits of {@code
   * mask}. Looking and storing are not one step: the caller keeps other writers of these words
   * away.
   *
   * @param address of the first word, naturally aligned
   * @param count words, 0 or more
   * @return words stored; less than {@code count} if the next one has such a bit, is absent or
   *     poisoned
   */
  default int storeRunIfClear64(long address, int count, long first, long step, long mask) {
    return storeRun64(address, findAny64(address, count, mask), first, step);
  }

  /**
   * Looks for a word that has one of the bits of {@code mask}. Absent and poisoned words have all.
   *
   * @param address of the first word, naturally aligned
   * @param count words, 0 or more
   * @return its place, 0 for the first word; {@code count} if there is none
   */
  default int findAny64(long address, int count, long mask) {
    for (int i = 0; i < count; i++) {
      if ((load64(address + 8L * i) & mask) != 0) {
        return i;
      }
    }
    return Math.max(count, 0);
  }

  /**
   * Counts the words that have at least one of the bits of {@code mask}. Absent and poisoned words
   * have all.
   *
   * @param address of the first word, naturally aligned
   * @param count words, 0 or more
   */
  default int countAny64(long address, int count, long mask) {
    int found = 0;
    for (int i = 0; i < count; i++) {
      found += (load64(address + 8L * i) & mask) != 0 ? 1 : 0;
    }
    return found;
  }

  /** Copies {@code into.remaining()} bytes out of memory; on a failure the buffer is unchanged. */
  MemoryStatus read(long address, ByteBuffer into);

  /** Copies {@code from.remaining()} bytes into memory; on a failure nothing is written. */
  MemoryStatus write(long address, ByteBuffer from);

  /** Sets {@code length} bytes to {@code value}; on a failure nothing is written. */
  MemoryStatus fill(long address, long length, byte value);

  /** Orders every earlier store of this thread before every later one: before a doorbell. */
  void barrier();

  /**
   * Writes {@code length} bytes back to where a walker that does not snoop finds them. A driver
   * calls it for table stores when its unit reports non-coherent walks; on coherent memory it does
   * nothing.
   */
  MemoryStatus clean(long address, long length);
}
