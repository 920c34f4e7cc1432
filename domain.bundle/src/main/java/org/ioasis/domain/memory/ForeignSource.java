package org.ioasis.domain.memory;

import java.util.ArrayList;
import java.util.List;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.domain.ForeignMemory;
import org.ioasis.api.domain.MemorySpec;

/**
 * Memory that a client keeps and lends: pinned at its keeper while a mapping leads to it, let go
 * when it is taken back or mapped no more.
 *
 * <p><b>Threading:</b> as {@link Source}; the runs are replaced as a whole.
 */
final class ForeignSource extends Source {
  /** Where the memory is: runs in order of offset. Immutable. */
  private static final class Layout {
    static final Layout EMPTY = new Layout(new long[0], new long[0], new long[0]);

    final long[] offsets;
    final long[] addresses;
    final long[] lengths;

    Layout(long[] offsets, long[] addresses, long[] lengths) {
      this.offsets = offsets;
      this.addresses = addresses;
      this.lengths = lengths;
    }

    int find(long offset) {
      int low = 0;
      int high = offsets.length;
      while (low < high) {
        int middle = (low + high) >>> 1;
        if (offsets[middle] <= offset) {
          low = middle + 1;
        } else {
          high = middle;
        }
      }
      return low - 1;
    }
  }

  private final ForeignMemory memory;
  private volatile Layout layout = Layout.EMPTY;

  ForeignSource(Identity identity, MemorySpec.Foreign spec) {
    super(identity);
    memory = spec.memory();
    if (length() <= 0 || (length() & FrameStore.PAGE - 1) != 0) {
      throw new IoasisException(
          Reason.INVALID,
          "source %s refused: %s has 0x%x bytes, not whole 4 KiB pages"
              .formatted(name(), memory.name(), length()));
    }
  }

  @Override
  void begin() {
    if (layout != Layout.EMPTY) {
      return; // an earlier instance of the bundle has pinned it
    }
    List<long[]> runs = new ArrayList<>();
    long[] total = new long[1];
    memory.pin(
        0,
        length(),
        (address, bytes) -> {
          runs.add(new long[] {total[0], address, bytes});
          total[0] += bytes;
        });
    if (total[0] != length() || !pageRuns(runs)) {
      memory.unpin(0, length());
      throw new IoasisException(
          Reason.MEMORY_FAULT,
          "%s refused: its keeper told 0x%x bytes instead of 0x%x, or no whole pages"
              .formatted(title(), total[0], length()));
    }
    layout =
        new Layout(
            runs.stream().mapToLong(r -> r[0]).toArray(),
            runs.stream().mapToLong(r -> r[1]).toArray(),
            runs.stream().mapToLong(r -> r[2]).toArray());
  }

  private static boolean pageRuns(List<long[]> runs) {
    return runs.stream().allMatch(r -> ((r[1] | r[2]) & FrameStore.PAGE - 1) == 0 && r[2] > 0);
  }

  @Override
  void rest() {
    boolean was;
    synchronized (this) {
      was = layout != Layout.EMPTY && (revoked() || !isMapped());
      if (was) {
        layout = Layout.EMPTY;
      }
    }
    if (was) {
      memory.unpin(0, length());
    }
  }

  @Override
  public boolean writable() {
    return memory.writable();
  }

  @Override
  public boolean onDemand() {
    return false;
  }

  @Override
  long addressOf(long offset) {
    Layout now = layout;
    int i = now.find(offset);
    return i < 0 ? ABSENT : now.addresses[i] + (offset - now.offsets[i]);
  }

  @Override
  int spanOf(long offset) {
    Layout now = layout;
    int i = now.find(offset);
    return i < 0 ? 0 : Runs.span(now.addresses[i], now.lengths[i], offset - now.offsets[i]);
  }

  @Override
  void runsOf(long offset, long length, RunSink sink) {
    Layout now = layout;
    long end = offset + length;
    long at = offset;
    for (int i = now.find(offset); i >= 0 && i < now.offsets.length && at < end; i++) {
      long skip = at - now.offsets[i];
      long bytes = Math.min(now.lengths[i] - skip, end - at);
      if (!sink.run(at, now.addresses[i] + skip, bytes, writable())) {
        return;
      }
      at += bytes;
    }
  }

  @Override
  void fillPart(long offset, long length, boolean write, Changes changed) {}

  @Override
  void giveUp() {
    rest();
  }

  @Override
  Object leaveMemory() {
    Layout now = layout;
    return now == Layout.EMPTY ? null : new long[][] {now.offsets, now.addresses, now.lengths};
  }

  @Override
  void takeMemory(Object left) {
    if (left instanceof long[][] runs) {
      layout = new Layout(runs[0], runs[1], runs[2]);
    }
  }
}
