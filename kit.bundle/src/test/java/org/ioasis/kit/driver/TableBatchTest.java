package org.ioasis.kit.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.LongBuffer;
import java.util.BitSet;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.ioasis.api.IoasisException;
import org.ioasis.api.IovaRange;
import org.ioasis.api.Reason;
import org.ioasis.api.driver.DriverState;
import org.ioasis.api.driver.SyncResult;
import org.ioasis.api.machine.Translation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Seeded histories of map, unmap, protect, marks and their reading against arrays with an entry per
 * page. Tables are read by literal bit positions; every single store is watched.
 */
class TableBatchTest {
  private static final int PAGES = 1 << 13;
  private static final int STEPS = 1500;

  private final WatchedMemory memory = new WatchedMemory();
  private final Set<Long> broken = new HashSet<>();
  private final Gate gate = new Gate("toy0");
  private final long[] model = new long[PAGES];
  private final BitSet written = new BitSet();
  private int flushes;
  private boolean closed;
  private ToyFormat format;
  private PageTable table;
  private TableBatch batch;
  private Random random;

  private void make(ToyFormat.Runs runs) {
    format = new ToyFormat(runs);
    random = new Random(20261L + runs.name().hashCode());
    gate.become(DriverState.RUNNING);
    table = PageTable.empty(new TablePages(memory, memory, false), format);
    batch = new TableBatch(new Owner(), gate, table);
    memory.watch = this::watch;
  }

  private final class Owner implements TableOwner {
    @Override
    public String name() {
      return "domain 7 of unit toy0";
    }

    @Override
    public boolean isClosed() {
      return closed;
    }

    @Override
    public boolean gathersMaps() {
      return false;
    }

    @Override
    public SyncResult invalidate(Gather gather) {
      flushes++;
      broken.clear();
      return SyncResult.COMPLETE;
    }
  }

  /** What hardware may meet: a valid entry never becomes one of another size without a break. */
  private void watch(long slot, long before, long after) {
    if (format.runs() != ToyFormat.Runs.HINT) {
      return;
    }
    if ((before & 1) != 0 && (after & 1) == 0) {
      broken.add(slot);
    } else if ((after & 1) != 0) {
      assertThat(broken).as("no break before 0x%x at 0x%x", after, slot).doesNotContain(slot);
      if ((before & 1) != 0) {
        long free = (before & 0x100) != 0 ? 0x10 : 0x1C; // rights of a single page may change
        assertThat(after & ~free).as("in place at 0x%x", slot).isEqualTo(before & ~free);
      }
    }
  }

  /** Address of the entry that ends the walk for an IOVA, by literal positions. */
  private long slotOf(long iova) {
    long at = table.root();
    for (int shift = 20; ; shift -= 4) {
      long slot = at + 8 * (iova >>> shift & (shift == 20 ? 31 : 15));
      long entry = memory.load64(slot);
      if ((entry & 3) != 3) {
        return slot;
      }
      at = entry >>> 12;
    }
  }

  /** log2 of the bytes that this entry serves. */
  private int shift(long iova) {
    long at = table.root();
    for (int shift = 20; ; shift -= 4) {
      long entry = memory.load64(at + 8 * (iova >>> shift & (shift == 20 ? 31 : 15)));
      if ((entry & 3) != 3) {
        return shift;
      }
      at = entry >>> 12;
    }
  }

  private long walk(long iova) {
    long at = table.root();
    for (int shift = 20; ; shift -= 4) {
      long entry = memory.load64(at + 8 * (iova >>> shift & (shift == 20 ? 31 : 15)));
      if ((entry & 1) == 0) {
        return 0;
      }
      if ((entry & 2) == 0) {
        boolean same = (entry & 0x100) != 0 && format.runs() == ToyFormat.Runs.SAME;
        long size = 1L << (same ? shift + 2 : shift);
        long output = (entry & 0xFFFF_FFFF_F000L) + (iova & size - 1 & ~0xFFFL);
        return output | (entry >>> 2 & 3);
      }
      at = entry >>> 12;
    }
  }

  @ParameterizedTest
  @EnumSource
  void historiesLeaveWhatTheArraysSay(ToyFormat.Runs runs) {
    make(runs);
    for (int step = 0; step < STEPS; step++) {
      change();
      assertThat(batch.sync()).isEqualTo(SyncResult.COMPLETE);
      for (int page = 0; page < PAGES; page += 1 + random.nextInt(7)) {
        assertThat(walk(page * 4096L)).as("step %d page %d", step, page).isEqualTo(model[page]);
        long looked = table.lookup(page * 4096L);
        assertThat(Translation.isPresent(looked)).isEqualTo(model[page] != 0);
        if (model[page] != 0) {
          assertThat(Translation.address(looked)).isEqualTo(model[page] & ~3L);
        }
      }
    }
    assertThat(flushes).isPositive();
    batch.unmap(new IovaRange(0, (1 << 25) - 1));
    batch.sync();
    table.free();
    assertThat(memory.allocatedBytes()).isZero();
  }

  private void change() {
    int first = random.nextInt(PAGES);
    int most = Math.min(PAGES - first, random.nextBoolean() ? 600 : 20);
    int count = 1 + random.nextInt(most);
    switch (random.nextInt(8)) {
      case 0, 1, 2 -> map(first, count);
      case 3 -> mapPages(first, Math.min(count, 40));
      case 4 -> unmap(first, count);
      case 5 -> protect(first, count);
      case 6 -> write(first, count);
      default -> readWritten(first, count, random.nextBoolean());
    }
  }

  private int freeFrom(int first, int count) {
    int free = 0;
    while (free < count && model[first + free] == 0) {
      free++;
    }
    return free;
  }

  private void map(int first, int count) {
    long iova = first * 4096L;
    long address = ((long) random.nextInt(8) << 20) + (random.nextBoolean() ? iova : 0x5000);
    int rights = 1 + random.nextInt(3);
    int free = freeFrom(first, count);
    assertThat(batch.map(iova, address, count * 4096L, rights)).isEqualTo(free * 4096L);
    assertThat(batch.shortfall()).isEqualTo(free < count ? Reason.EXISTS : null);
    for (int i = 0; i < free; i++) {
      model[first + i] = address + i * 4096L | rights;
    }
  }

  private void mapPages(int first, int count) {
    int rights = 1 + random.nextInt(3);
    long[] pages = random.longs(count, 0, 1 << 17).map(page -> page << 12).toArray();
    int free = freeFrom(first, count);
    LongBuffer buffer = LongBuffer.wrap(pages);
    assertThat(batch.mapPages(first * 4096L, 12, buffer, rights)).isEqualTo(free * 4096L);
    assertThat(buffer.position()).isEqualTo(free);
    for (int i = 0; i < free; i++) {
      model[first + i] = pages[i] | rights;
    }
  }

  private void unmap(int first, int count) {
    long mapped = 0;
    for (int i = first; i < first + count; i++) {
      mapped += model[i] == 0 ? 0 : 4096;
      model[i] = 0;
    }
    written.clear(first, first + count);
    assertThat(batch.unmap(IovaRange.of(first * 4096L, count * 4096L))).isEqualTo(mapped);
  }

  private void protect(int first, int count) {
    int rights = 1 + random.nextInt(3);
    long mapped = 0;
    for (int i = first; i < first + count; i++) {
      if (model[i] != 0) {
        mapped += 4096;
        model[i] = (model[i] & ~3L) | rights;
      }
    }
    assertThat(batch.protect(IovaRange.of(first * 4096L, count * 4096L), rights)).isEqualTo(mapped);
  }

  /** The unit marks a few pages. */
  private void write(int first, int count) {
    for (int i = first; i < first + count; i += 1 + random.nextInt(20)) {
      if (model[i] != 0) {
        long iova = i * 4096L;
        long slot = slotOf(iova);
        memory.store64(slot, memory.load64(slot) | 0x10);
        int low = lowPage(i);
        written.set(low, low + pages(i));
      }
    }
  }

  /** Pages of 4 KiB in the page that serves one, by literal positions. */
  private int pages(int page) {
    int shift = shift(page * 4096L);
    boolean run = (memory.load64(slotOf(page * 4096L)) & 0x100) != 0;
    return 1 << (shift - 12 + (run ? 2 : 0));
  }

  private int lowPage(int page) {
    return page & -pages(page);
  }

  private void readWritten(int first, int count, boolean clear) {
    BitSet expected = new BitSet();
    BitSet cleared = new BitSet();
    for (int i = first; i < first + count; i++) {
      if (written.get(i)) {
        expected.set(i);
        int low = lowPage(i);
        if (clear && low >= first && low + pages(i) <= first + count) {
          cleared.set(i);
        }
      }
    }
    BitSet told = new BitSet();
    batch.readWritten(
        IovaRange.of(first * 4096L, count * 4096L),
        clear,
        (iova, length) -> {
          assertThat(told.get((int) (iova >>> 12))).isFalse();
          told.set((int) (iova >>> 12), (int) ((iova + length) >>> 12));
        });
    assertThat(told).isEqualTo(expected);
    written.andNot(cleared);
  }

  @ParameterizedTest
  @EnumSource
  void aMapWithoutFramesSaysHowFarItCame(ToyFormat.Runs runs) {
    make(runs);
    memory.framesLeft = 3; // two of a middle level's and one of leafs, or the like
    long mapped = batch.map(0x1000, 0x2000, 0x40_0000, 3);
    assertThat(batch.shortfall()).isEqualTo(Reason.EXHAUSTED);
    assertThat(mapped).isPositive().isLessThan(0x40_0000);
    for (long iova = 0; iova < 1 << 25; iova += 4096) {
      boolean in = iova >= 0x1000 && iova < 0x1000 + mapped;
      assertThat(walk(iova)).isEqualTo(in ? iova + 0x1000 | 3 : 0);
    }
    memory.framesLeft = Integer.MAX_VALUE;
    long rest = batch.map(0x1000 + mapped, 0x2000 + mapped, 0x40_0000 - mapped, 3);
    assertThat(rest).isEqualTo(0x40_0000 - mapped);
  }

  @Test
  void theLargestPagesAreUsed() {
    make(ToyFormat.Runs.HINT);
    batch.map(0x3000, 0x10_3000, 0x20_0000 - 0x3000, 3);
    int[] pages = new int[32];
    for (int page = 3; page < 0x200; page += pages(page)) {
      pages[Integer.numberOfTrailingZeros(pages(page))]++;
    }
    // 3, then 4..15 in three runs, 16..63 in three pages, 64..255 in three runs, 256..511 in one
    assertThat(pages).startsWith(1, 0, 3, 0, 3, 0, 3, 0, 1);
  }

  @Test
  void refusals() {
    make(ToyFormat.Runs.NONE);
    assertRefused(() -> batch.map(0x800, 0, 0x1000, 3), Reason.INVALID, "0x800");
    assertRefused(() -> batch.map(0x1FF_F000, 0, 0x2000, 3), Reason.INVALID, "window");
    assertRefused(() -> batch.map(0, 1L << 48, 0x1000, 3), Reason.INVALID, "48 bits");
    assertRefused(() -> batch.map(0, 0, 0x1000, 4), Reason.INVALID, "rights 0x4");
    assertRefused(
        () -> batch.mapPages(0, 14, LongBuffer.allocate(1), 3), Reason.INVALID, "page size 2^14");
    assertRefused(() -> batch.unmap(new IovaRange(0, 0x7FF)), Reason.INVALID, "whole pages");
    closed = true;
    assertRefused(() -> batch.map(0, 0, 0x1000, 3), Reason.GONE, "is closed");
    closed = false;
    gate.become(DriverState.STOPPED);
    assertRefused(() -> batch.map(0, 0, 0x1000, 3), Reason.GONE, "STOPPED");
  }

  private static void assertRefused(Runnable call, Reason reason, String words) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            IoasisException.class, e -> assertThat(e.reason()).isEqualTo(reason))
        .hasMessageContaining(words);
  }

  @Test
  void aLifeCycleCallWaitsForDoors() throws InterruptedException {
    gate.become(DriverState.RUNNING);
    Gate.Door door = gate.door();
    door.enter("map");
    Thread alone = new Thread(gate::enterAlone);
    alone.start();
    alone.join(50);
    assertThat(alone.isAlive()).isTrue();
    door.leave();
    alone.join(10_000);
    assertThat(alone.isAlive()).isFalse();
  }
}
