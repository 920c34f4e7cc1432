package org.ioasis.api;

/**
 * A range of I/O virtual addresses, both ends inclusive so that 2^64-1 exists; compared unsigned.
 *
 * @param first first address
 * @param last last address, unsigned not below {@code first}
 */
public record IovaRange(long first, long last) {
  /** Every address. */
  public static final IovaRange ALL = new IovaRange(0, -1L);

  /** Checks the order. */
  public IovaRange {
    if (Long.compareUnsigned(first, last) > 0) {
      throw new IllegalArgumentException(
          "IOVA range 0x%x..0x%x: last is below first".formatted(first, last));
    }
  }

  /**
   * The range of {@code length} bytes at {@code first}.
   *
   * @throws IoasisException INVALID if the length is 0, OVERFLOW if the range leaves 64 bits
   */
  public static IovaRange of(long first, long length) {
    if (length == 0) {
      throw new IoasisException(
          Reason.INVALID, "IOVA range at 0x%x: length 0; give 1 or more".formatted(first));
    }
    long last = first + length - 1;
    if (Long.compareUnsigned(last, first) < 0) {
      throw new IoasisException(
          Reason.OVERFLOW,
          "IOVA range 0x%x + 0x%x leaves the 64-bit address space".formatted(first, length));
    }
    return new IovaRange(first, last);
  }

  /** Bytes, unsigned; 0 stands for 2^64, the length of {@link #ALL}. */
  public long length() {
    return last - first + 1;
  }

  /** Whether the address lies inside. */
  public boolean contains(long address) {
    return Long.compareUnsigned(address, first) >= 0 && Long.compareUnsigned(address, last) <= 0;
  }

  /** Whether every address of {@code other} lies inside. */
  public boolean contains(IovaRange other) {
    return contains(other.first) && contains(other.last);
  }

  /** Whether the two have an address in common. */
  public boolean overlaps(IovaRange other) {
    return Long.compareUnsigned(first, other.last) <= 0
        && Long.compareUnsigned(other.first, last) <= 0;
  }

  /** {@code 0x1000..0x1fff}. */
  @Override
  public String toString() {
    return "0x%x..0x%x".formatted(first, last);
  }
}
