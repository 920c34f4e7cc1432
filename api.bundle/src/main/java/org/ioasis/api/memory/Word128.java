package org.ioasis.api.memory;

/**
 * A 128-bit value on its way to or from memory, reused by its owner so that 128-bit accesses
 * allocate nothing.
 *
 * <p><b>Threading:</b> confined to one thread.
 */
public final class Word128 {
  private long lo;
  private long hi;

  /** Bits 63:0, the quadword at the lower address. */
  public long lo() {
    return lo;
  }

  /** Bits 127:64, the quadword at the higher address. */
  public long hi() {
    return hi;
  }

  /** Replaces both halves and returns this. */
  public Word128 set(long low, long high) {
    lo = low;
    hi = high;
    return this;
  }
}
