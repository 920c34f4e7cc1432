package org.ioasis.domain.memory;

/** Arithmetic on contiguous runs. Pure functions. */
final class Runs {
  private Runs() {}

  /**
   * log2 of the largest naturally aligned block around {@code base + offset} inside a run of {@code
   * length} bytes at {@code base}.
   */
  static int span(long base, long length, long offset) {
    long address = base + offset;
    int lg2 = 0;
    while (lg2 < 55) {
      long size = 2L << lg2;
      long start = address & -size;
      if (start < base || start + size > base + length) {
        break;
      }
      lg2++;
    }
    return lg2;
  }
}
