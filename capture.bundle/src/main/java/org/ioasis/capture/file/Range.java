package org.ioasis.capture.file;

/**
 * A stretch of addresses.
 *
 * @param base first address
 * @param last last address, inclusive, not below {@code base}
 */
public record Range(long base, long last) {
  /** {@code 0xbase..0xlast}. */
  @Override
  public String toString() {
    return "0x%x..0x%x".formatted(base, last);
  }
}
