package org.ioasis.machine.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.ioasis.api.memory.MemoryRegion;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs of words against single words, in each geometry, at edges of chunks, RAM and poison. */
class MemoryRunsTest {
  private static final long MIB = 1L << 20;

  private final Random random = new Random(20261);

  /** Ends of RAM: dense, one level of chunks, two levels. */
  @ParameterizedTest
  @ValueSource(longs = {1, 64, 16384})
  void runsAreManyWords(long mebibytes) {
    long end = mebibytes * MIB;
    SparseMemory memory = new SparseMemory(40, List.of(MemoryRegion.ram(0, end)));
    SparseMemory single = new SparseMemory(40, List.of(MemoryRegion.ram(0, end)));
    long bad = end - 0x4000;
    memory.poison(bad, 8);
    single.poison(bad, 8);
    for (int i = 0; i < 3000; i++) {
      int count = random.nextInt(random.nextBoolean() ? 700 : 5);
      long first = random.nextInt(16);
      long step = random.nextBoolean() ? 4096 : random.nextInt(3);
      long mask = 1L << random.nextInt(4);
      long near = random.nextBoolean() ? end : random.nextBoolean() ? bad : 0x1_0000;
      long at = Math.max(0, near - 0x1000 + 8L * random.nextInt(1024));
      switch (random.nextInt(4)) {
        case 0 ->
            assertThat(memory.storeRun64(at, count, first, step))
                .isEqualTo(store(single, at, count, first, step, 0));
        case 1 ->
            assertThat(memory.storeRunIfClear64(at, count, first, step, mask))
                .isEqualTo(store(single, at, count, first, step, mask));
        case 2 ->
            assertThat(memory.storeRun64(at, count, 0, 0))
                .isEqualTo(store(single, at, count, 0, 0, 0));
        default -> {
          int found = 0;
          int place = count;
          for (int word = count - 1; word >= 0; word--) {
            if ((single.load64(at + 8L * word) & mask) != 0) {
              found++;
              place = word;
            }
          }
          assertThat(memory.findAny64(at, count, mask)).isEqualTo(place);
          assertThat(memory.countAny64(at, count, mask)).isEqualTo(found);
        }
      }
      for (int word = 0; word < count; word++) {
        long address = at + 8L * word;
        assertThat(memory.load64(address)).isEqualTo(single.load64(address));
      }
    }
  }

  /** The same by single words. */
  private static int store(
      SparseMemory memory, long at, int count, long first, long step, long mask) {
    for (int word = 0; word < count; word++) {
      long address = at + 8L * word;
      if ((memory.load64(address) & mask) != 0) {
        return word;
      }
      if (!memory.store64(address, first + word * step)) {
        return word;
      }
    }
    return count;
  }
}
