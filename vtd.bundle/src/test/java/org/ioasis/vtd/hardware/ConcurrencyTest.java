package org.ioasis.vtd.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Translation;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two threads on one translator, and what a hit allocates. */
class ConcurrencyTest {
  private static final long IOVA = Fixture.SECOND_STAGE_IOVA;
  private static final long LEAF = 0x20_3C48L;
  private static final int LOOKS = 16;

  /**
   * Rounds of one kind: a tag that dies hides a stale entry, so page-selective ones stay together.
   */
  private static final int BLOCK = 500;

  /** Takes its time with the leaf entry, on the device's thread. */
  private static final class Dawdling extends TestMemory {
    private final Thread software = Thread.currentThread();

    Dawdling() {
      super(Fixture.RAM_END);
    }

    @Override
    public long load64(long address) {
      long word = super.load64(address);
      for (int i = 0; address == LEAF && i < 100 && Thread.currentThread() != software; i++) {
        Thread.onSpinWait();
      }
      return word;
    }
  }

  @Test
  @Timeout(60)
  void nothingStaleIsLeftBehindAnInvalidation() throws InterruptedException {
    invalidate(100_000);
  }

  @Test
  @Tag("stress")
  void nothingStaleIsLeftBehindTwoMillionInvalidations() throws InterruptedException {
    invalidate(2_000_000);
  }

  /**
   * One thread translates, and dawdles between reading the leaf entry and filling; the other
   * remaps, invalidates, a block of rounds one way and the next another, and then looks into the
   * cache for as long as the first thread may need to fill: what it finds must be the new page.
   * Without the check of the epoch five runs of 100,000 rounds in six failed, on two busy
   * processors; {@code EpochProtocolTest} is the one that catches it every time.
   */
  private static void invalidate(int rounds) throws InterruptedException {
    TestMemory memory = new Dawdling();
    Fixture.legacy().snapshot().forEach(memory::at);
    Translator translator = Fixture.translator(memory, Fixture.LEGACY);
    TranslationCaches caches = translator.caches();
    AtomicBoolean stop = new AtomicBoolean();
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Thread device =
        new Thread(
            () -> {
              DmaRequest request = Fixture.request(IOVA, DmaRequest.READ);
              while (!stop.get()) {
                long packed = translator.translate(request, Fixture.LEGACY_MODE);
                assertThat(Translation.isPresent(packed)).isTrue();
              }
            });
    device.setUncaughtExceptionHandler((thread, thrown) -> failure.set(thrown));
    device.start();
    int cached = 0;
    DmaRequest probe = Fixture.request(IOVA, DmaRequest.READ);
    for (int round = 1; round <= rounds; round++) {
      long page = 0x1_0000_0000L + ((long) round << 12); // never the interrupt range
      memory.at(LEAF, page | 3);
      switch (round / BLOCK % 4) {
        case 0 -> caches.invalidateIotlbDomain(0x42);
        case 1 -> caches.invalidateIotlbGlobal();
        default -> caches.invalidateIotlbPages(0x42, IOVA, 0, true);
      }
      for (int look = 0; look < LOOKS; look++) {
        long packed = translator.probe(probe, Fixture.LEGACY_MODE);
        if (Translation.address(packed) != (page | (IOVA & 0xFFF))) {
          assertThat(Translation.toString(packed))
              .as("round %d, look %d", round, look)
              .isEqualTo("0x%x span 2^12".formatted(page | (IOVA & 0xFFF)));
        }
      }
      cached += caches.iotlb.size() > 0 ? 1 : 0;
    }
    stop.set(true);
    device.join();
    assertThat(failure.get()).isNull();
    assertThat(cached).as("rounds in which the device had filled").isPositive();
  }

  @Test
  void aHitAndAWalkAllocateNothing() {
    TestMemory memory = Fixture.legacy().at(LEAF + 8, 0x1_0000_1003L);
    Translator translator = Fixture.translator(new FlatMemory(memory), Fixture.LEGACY);
    DmaRequest request = Fixture.request(IOVA, DmaRequest.READ);
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    long best = Long.MAX_VALUE;
    for (int round = 0; round < 20; round++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < 10_000; i++) {
        request.iova(IOVA + (i & 1) * 0x1000L);
        translator.translate(request, Fixture.LEGACY_MODE);
        if ((i & 7) == 0) {
          translator.caches().invalidateIotlbPages(0x42, IOVA, 1, (i & 8) == 0);
        }
      }
      best = Math.min(best, threads.getCurrentThreadAllocatedBytes() - before);
    }
    assertThat(best).as("bytes in 10,000 translations, some of them walks").isLessThan(1_000);
  }
}
