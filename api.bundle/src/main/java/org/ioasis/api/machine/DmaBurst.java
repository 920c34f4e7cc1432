package org.ioasis.api.machine;

import java.nio.ByteBuffer;
import org.ioasis.api.memory.MemoryStatus;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A short run of accesses of one device, between {@link #begin} and {@link #end}. What a unit
 * answered inside is valid until the end and never after: that is what an invalidation waits for.
 *
 * <p>At most {@value #MAX_ACCESSES} accesses or {@value #MAX_BYTES} bytes; the next one throws
 * {@link IllegalStateException}, as do accesses outside, nesting, and a wait for an invalidation
 * inside. An interrupt raised inside is delivered after the end. Waiting for a page, for a stalled
 * transaction or for a blocked port happens outside.
 *
 * <p>Addresses given to the accesses are those of a present {@link Translation} of this burst, with
 * its not-RAM bit: pass the packed answer plus an offset below its span. A store whose answer is
 * not RAM is an interrupt if it hits an interrupt window, else a bus error.
 *
 * <p><b>Threading:</b> one thread at a time; hand-over between bursts needs a happens-before edge.
 * No method allocates or locks.
 */
@ProviderType
public interface DmaBurst {
  /** Most accesses of one burst. */
  int MAX_ACCESSES = 16;

  /** Most bytes of one burst. */
  int MAX_BYTES = 4096;

  /** Opens the burst. */
  void begin();

  /** Asks the unit behind the port, or answers {@link Translation.Refusal#BLOCKED}. */
  long translate(DmaRequest request);

  /**
   * Loads 1, 2, 4 or 8 bytes, zero-extended; all ones on a bus error, which {@link #lastStatus}
   * tells.
   */
  long load(long translation, int bytes);

  /** Stores the low 1, 2, 4 or 8 bytes. */
  MemoryStatus store(long translation, int bytes, long value);

  /** Copies {@code into.remaining()} bytes from memory. */
  MemoryStatus read(long translation, ByteBuffer into);

  /** Copies {@code from.remaining()} bytes to memory. */
  MemoryStatus write(long translation, ByteBuffer from);

  /** Atomic compare and swap of 64 bits; returns what was found. */
  long compareAndExchange(long translation, long expected, long value);

  /** Atomic fetch and add of 64 bits; returns what was found. */
  long fetchAndAdd(long translation, long addend);

  /** Atomic swap of 64 bits; returns what was found. */
  long swap(long translation, long value);

  /** What the last access of this burst met. */
  MemoryStatus lastStatus();

  /** Closes the burst and delivers the interrupts raised inside. */
  void end();
}
