package org.ioasis.api.domain;

import java.nio.file.Path;
import org.ioasis.api.Handle;

/** Where the memory of a source comes from. */
public sealed interface MemorySpec {
  /**
   * A region of the platform's physical memory.
   *
   * @param base physical address, page aligned
   * @param length bytes
   */
  record Region(long base, long length) implements MemorySpec {}

  /**
   * Memory of nobody else, zeros at first.
   *
   * @param length bytes
   * @param onDemand whether a page gets memory only when it is touched, by a DMA through a fault
   */
  record Anonymous(long length, boolean onDemand) implements MemorySpec {}

  /**
   * A part of a file.
   *
   * @param path the file
   * @param start first byte, page aligned
   * @param length bytes, above 0, within the file
   * @param writable whether writes reach the file: when the last mapping goes, when it is taken
   *     back, and at its end
   */
  record File(Path path, long start, long length, boolean writable) implements MemorySpec {}

  /** Memory that somebody else keeps and may take back. */
  record Foreign(ForeignMemory memory) implements MemorySpec {}

  /** What another source holds now; a page is copied when one of the two writes it. */
  record CopyOf(Handle<MemorySource> original) implements MemorySpec {}
}
