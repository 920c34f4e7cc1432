package org.ioasis.machine.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.ioasis.api.memory.MemoryRegion;
import org.ioasis.api.memory.MemoryStatus;
import org.ioasis.api.memory.Word128;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class SparseMemoryThreadsTest {
  private static final long GIB = 1L << 30;
  private final ExecutorService pool = Executors.newFixedThreadPool(4);

  @AfterEach
  void stop() {
    pool.shutdownNow();
  }

  private interface Body {
    void run(int thread) throws Exception;
  }

  private void race(int threads, Body body) throws Exception {
    List<Future<?>> results = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      int thread = i;
      results.add(
          pool.submit(
              () -> {
                body.run(thread);
                return null;
              }));
    }
    for (Future<?> result : results) {
      result.get(50, TimeUnit.SECONDS);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1 << 20, GIB, 66 * GIB})
  void twoThreadsThatFillOneChunkLoseNothing(long size) throws Exception {
    int rounds = 300;
    CyclicBarrier start = new CyclicBarrier(2);
    SparseMemory[] memory = new SparseMemory[1];
    race(
        2,
        thread -> {
          for (int round = 0; round < rounds; round++) {
            if (thread == 0) {
              memory[0] = new SparseMemory(48, List.of(MemoryRegion.ram(0, size)));
            }
            start.await(20, TimeUnit.SECONDS);
            for (int chunk = 0; chunk < 4; chunk++) {
              memory[0].store64(chunk * 0x1_0000L + 8L * thread, thread + 1);
              memory[0].store8(chunk * 0x1_0000L + 16 + thread, (byte) (thread + 1));
            }
            start.await(20, TimeUnit.SECONDS);
            for (int chunk = 0; chunk < 4; chunk++) {
              assertThat(memory[0].load64(chunk * 0x1_0000L)).isEqualTo(1);
              assertThat(memory[0].load64(chunk * 0x1_0000L + 8)).isEqualTo(2);
              assertThat(memory[0].load64(chunk * 0x1_0000L + 16)).isEqualTo(0x0201);
            }
            start.await(20, TimeUnit.SECONDS);
          }
        });
  }

  @Test
  void theLoserOfAFillReadsTheWinnersContent() throws Exception {
    CyclicBarrier inFill = new CyclicBarrier(2);
    MemoryRegion file =
        new MemoryRegion(
            0,
            GIB - 1,
            (address, into) -> {
              try {
                inFill.await(20, TimeUnit.SECONDS); // both threads are inside the fill
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
              MemoryModel.fillPattern(address, into);
            });
    SparseMemory memory = new SparseMemory(48, List.of(file));
    race(
        2,
        thread -> {
          assertThat(memory.getAndAdd64(0x18, 1)).isNotEqualTo(-1);
          assertThat(memory.load8(0x20)).isEqualTo(MemoryModel.patternAt(0x20));
        });
    long pattern = 0;
    for (int i = 7; i >= 0; i--) {
      pattern = pattern << 8 | (MemoryModel.patternAt(0x18 + i) & 0xFF);
    }
    assertThat(memory.load64(0x18)).isEqualTo(pattern + 2);
    assertThat(memory.residentBytes()).isEqualTo(1 << 16);
  }

  @Test
  void neighboursOfASubWordStoreSurvive() throws Exception {
    SparseMemory memory = new SparseMemory(48, List.of(MemoryRegion.ram(0, GIB)));
    race(
        4,
        thread -> {
          for (int i = 1; i <= 20_000; i++) {
            memory.store16(0x100 + 2 * thread, (short) i);
            assertThat(memory.load16(0x100 + 2 * thread)).isEqualTo((short) i);
          }
        });
    assertThat(memory.load64(0x100)).isEqualTo(0x4E20_4E20_4E20_4E20L);
  }

  @Test
  void pairsAreNeverTorn() throws Exception {
    SparseMemory memory = new SparseMemory(48, List.of(MemoryRegion.ram(0, GIB)));
    memory.store128(0x40, 0, ~0L);
    race(
        4,
        thread -> {
          Word128 word = new Word128();
          for (int i = 0; i < 20_000; i++) {
            if (thread == 0) {
              memory.store128(0x40, i, ~(long) i);
            } else if (thread == 1) {
              assertThat(memory.load128(0x40, word)).isEqualTo(MemoryStatus.OK);
              memory.compareAndSet128(0x40, word, word.lo() + 7, ~(word.lo() + 7));
            } else {
              memory.load128(0x40, word);
              assertThat(word.hi()).isEqualTo(~word.lo());
            }
          }
        });
  }

  @Test
  void aPairExchangeLosesNoStoreOfAHalf() throws Exception {
    SparseMemory memory = new SparseMemory(48, List.of(MemoryRegion.ram(0, GIB)));
    long[] added = new long[2];
    race(
        2,
        thread -> {
          Word128 word = new Word128();
          for (int i = 0; i < 50_000; i++) {
            if (thread == 0) {
              memory.getAndAdd64(0x48, 1); // the high half, by 64-bit operations
              added[0]++;
            } else {
              memory.load128(0x40, word);
              if (memory.compareAndSet128(0x40, word, word.lo() + 1, word.hi())) {
                added[1]++;
              }
            }
          }
        });
    assertThat(memory.load64(0x48)).isEqualTo(added[0]);
    assertThat(memory.load64(0x40)).isEqualTo(added[1]);
  }

  @Test
  void poisonAndStoresRaceCleanly() throws Exception {
    SparseMemory memory = new SparseMemory(48, List.of(MemoryRegion.ram(0, GIB)));
    race(
        2,
        thread -> {
          for (int i = 1; i <= 5_000; i++) {
            if (thread == 0) {
              memory.poison(0x80, 8);
              assertThat(memory.load64(0x80)).isEqualTo(-1);
              memory.heal(0x80, 8);
            } else {
              assertThat(memory.store64(0x88, i)).isTrue();
              assertThat(memory.load64(0x88)).isEqualTo(i);
            }
          }
        });
    assertThat(memory.load64(0x88)).isEqualTo(5_000);
    assertThat(memory.status(0, 0x1000)).isEqualTo(MemoryStatus.OK);
  }
}
