package org.ioasis.machine.memory;

import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.memory.FrameAllocator;
import org.ioasis.api.memory.FrameSink;

/**
 * One owner's door to the {@link FramePool}.
 *
 * <p><b>Threading:</b> any thread; the pool's lock guards the mutable fields.
 */
final class OwnedFrames implements FrameAllocator {
  private final FramePool pool;
  private final String owner;

  /** Bytes held. */
  long held;

  /** Whether {@link #close} has begun. */
  boolean closing;

  OwnedFrames(FramePool pool, String owner) {
    this.pool = pool;
    this.owner = owner;
  }

  /** Throws GONE once closed; the pool's lock is held. */
  void checkOpen() {
    if (closing) {
      throw new IoasisException(
          Reason.GONE, "frames refused: the allocator of %s is closed".formatted(owner));
    }
  }

  @Override
  public String owner() {
    return owner;
  }

  @Override
  public long allocate(int sizeLg2) {
    return pool.allocate(this, sizeLg2);
  }

  @Override
  public void free(long address, int sizeLg2) {
    pool.free(this, address, sizeLg2);
  }

  @Override
  public long allocatedBytes() {
    return pool.heldBy(this);
  }

  @Override
  public void forEach(FrameSink sink) {
    pool.heldRuns(this).forEach(sink::frames);
  }

  @Override
  public void close() {
    pool.close(this);
  }
}
