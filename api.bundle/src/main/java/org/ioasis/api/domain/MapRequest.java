package org.ioasis.api.domain;

import java.util.Objects;
import java.util.OptionalLong;
import org.ioasis.api.Handle;

/**
 * One mapping to be made.
 *
 * @param source the memory
 * @param offset first byte of it, aligned to the space's alignment
 * @param length bytes, aligned likewise
 * @param rights READ, WRITE and EXECUTE bits of {@link org.ioasis.api.machine.DmaRequest}; at least
 *     READ or WRITE
 * @param iova the address it must have; empty for any
 * @param alignmentLg2 least alignment of a chosen address, 0 for the space's
 */
public record MapRequest(
    Handle<MemorySource> source,
    long offset,
    long length,
    int rights,
    OptionalLong iova,
    int alignmentLg2) {
  /** A mapping has a source. */
  public MapRequest {
    Objects.requireNonNull(source, "source");
    Objects.requireNonNull(iova, "iova");
  }

  /** A mapping at any address. */
  public static MapRequest of(Handle<MemorySource> source, long offset, long length, int rights) {
    return new MapRequest(source, offset, length, rights, OptionalLong.empty(), 0);
  }

  /** The same at this address. */
  public MapRequest at(long address) {
    return new MapRequest(source, offset, length, rights, OptionalLong.of(address), alignmentLg2);
  }

  /** The same at any address with this alignment. */
  public MapRequest aligned(int lg2) {
    return new MapRequest(source, offset, length, rights, OptionalLong.empty(), lg2);
  }
}
