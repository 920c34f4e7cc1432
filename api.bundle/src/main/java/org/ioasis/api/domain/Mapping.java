package org.ioasis.api.domain;

import org.ioasis.api.Handle;
import org.ioasis.api.IovaRange;

/**
 * A mapping of a space.
 *
 * @param range its addresses
 * @param source the memory
 * @param offset the byte of the memory at the first address
 * @param rights READ, WRITE and EXECUTE bits of {@link org.ioasis.api.machine.DmaRequest}
 */
public record Mapping(IovaRange range, Handle<MemorySource> source, long offset, int rights) {}
