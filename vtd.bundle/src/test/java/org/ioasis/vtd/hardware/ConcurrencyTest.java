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

  @Test
  @Timeout(60)
  void nothingStaleIsLeftBehindAnInvalidation() throws InterruptedException {
    invalidate(20_000);
  }

  @Test
  @Tag("stress")
  void nothingStaleIsLeftBehindTwoMillionInvalidations() throws InterruptedException {
    invalidate(2_000_000);
  }

  /**
   * One thread translates; the other remaps, invalidates by turns in three ways, and then looks
   * into the cache: what it finds must be the new page.
   */
  private static void invalidate(int rounds) throws InterruptedException {
    TestMemory memory = Fixture.legacy();
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
      long page = (long) round << 12;
      memory.at(LEAF, page | 3);
      switch (round % 3) {
        case 0 -> caches.invalidateIotlbDomain(0x42);
        case 1 -> caches.invalidateIotlbPages(0x42, IOVA, 0, true);
        default -> caches.invalidateIotlbGlobal();
      }
      long packed = translator.probe(probe, Fixture.LEGACY_MODE);
      assertThat(Translation.address(packed)).isEqualTo(page | IOVA & 0xFFF);
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
