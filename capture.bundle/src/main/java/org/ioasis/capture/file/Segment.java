package org.ioasis.capture.file;

/**
 * A run of physical memory in a file.
 *
 * @param address physical address of its first byte
 * @param offset where its first byte lies in the file
 * @param fileBytes bytes in the file, 0 or more
 * @param memoryBytes bytes in memory, at least {@code fileBytes}; those not in the file read 0
 */
public record Segment(long address, long offset, long fileBytes, long memoryBytes) {
  /** Last address in memory, inclusive. */
  public long last() {
    return address + memoryBytes - 1;
  }
}
