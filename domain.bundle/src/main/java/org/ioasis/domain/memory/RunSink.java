package org.ioasis.domain.memory;

/** Takes contiguous runs of a source's memory. */
@FunctionalInterface
public interface RunSink {
  /**
   * A run.
   *
   * @param offset byte of the source
   * @param address physical address of it
   * @param length bytes
   * @param writable whether it may be written as it is; false for a page shared with a copy
   * @return false to end
   */
  boolean run(long offset, long address, long length, boolean writable);
}
