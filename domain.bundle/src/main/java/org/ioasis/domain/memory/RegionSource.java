package org.ioasis.domain.memory;

import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.domain.MemorySpec;
import org.ioasis.api.memory.MemoryStatus;

/**
 * A region of the platform's physical memory, as it is.
 *
 * <p><b>Threading:</b> as {@link Source}; the region does not change.
 */
final class RegionSource extends Source {
  private final long base;

  RegionSource(Identity identity, MemorySpec.Region spec) {
    super(identity);
    base = spec.base();
    if (((base | spec.length()) & FrameStore.PAGE - 1) != 0 || spec.length() <= 0) {
      throw new IoasisException(
          Reason.INVALID,
          "source %s refused: region 0x%x + 0x%x is not of whole 4 KiB pages"
              .formatted(name(), base, spec.length()));
    }
    MemoryStatus status = frames().memory().status(base, spec.length());
    if (status == MemoryStatus.ABSENT) {
      throw new IoasisException(
          Reason.INVALID,
          "source %s refused: region 0x%x + 0x%x is not all RAM"
              .formatted(name(), base, spec.length()));
    }
  }

  @Override
  public boolean writable() {
    return true;
  }

  @Override
  public boolean onDemand() {
    return false;
  }

  @Override
  long addressOf(long offset) {
    return base + offset;
  }

  @Override
  int spanOf(long offset) {
    return Runs.span(base, length(), offset);
  }

  @Override
  void runsOf(long offset, long length, RunSink sink) {
    sink.run(offset, base + offset, length, true);
  }

  @Override
  void fillPart(long offset, long length, boolean write, Changes changed) {}

  @Override
  void giveUp() {}
}
