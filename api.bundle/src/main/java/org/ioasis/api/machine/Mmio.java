package org.ioasis.api.machine;

import org.osgi.annotation.versioning.ProviderType;

/**
 * The register block of a unit: the only way software reaches it, besides memory. The other side
 * may be a model of this platform, another process, or silicon.
 *
 * <p>Offsets are in bytes from the start of the block. What an access of another width, alignment
 * or place does is the unit's to say (usually: reads all ones, writes nothing); it never throws for
 * a guest's mistake.
 *
 * <p><b>Threading:</b> any thread; a unit serialises what its specification serialises. With an
 * inline scheduler a doorbell write returns when the queue it rang is drained or has stopped; it
 * throws {@link IllegalStateException} when that would wait for the caller's own open burst.
 */
@ProviderType
public interface Mmio {
  /** Bytes of the block. */
  long size();

  /** Reads 32 bits. */
  int read32(long offset);

  /** Reads 64 bits. */
  long read64(long offset);

  /** Writes 32 bits. */
  void write32(long offset, int value);

  /** Writes 64 bits. */
  void write64(long offset, long value);
}
