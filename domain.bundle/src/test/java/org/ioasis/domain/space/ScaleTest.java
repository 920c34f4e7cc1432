package org.ioasis.domain.space;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ioasis.domain.space.Rig.PAGE;
import static org.ioasis.domain.space.Rig.RW;
import static org.ioasis.domain.space.Rig.at;
import static org.ioasis.domain.space.Rig.range;

import java.lang.management.ManagementFactory;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.ioasis.api.Handle;
import org.ioasis.api.IovaRange;
import org.ioasis.api.Reason;
import org.ioasis.api.domain.Domain;
import org.ioasis.api.domain.UnmapMode;
import org.ioasis.api.driver.DomainBatch;
import org.ioasis.api.driver.DomainLimits;
import org.ioasis.api.driver.SyncResult;
import org.ioasis.api.machine.Translation;
import org.ioasis.domain.memory.Source;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ten million mappings stay usable; a back-fill does not hold up maps. */
class ScaleTest {
  private static final Logger LOG = LoggerFactory.getLogger(ScaleTest.class);

  /** A follower that counts pages and keeps none. */
  private static final class Counting implements Follower {
    final AtomicLong bytes = new AtomicLong();

    @Override
    public String name() {
      return "counting";
    }

    @Override
    public Optional<Handle<Domain>> domain() {
      return Optional.empty();
    }

    @Override
    public DomainLimits limits() {
      return PageTable.WIDE;
    }

    @Override
    public boolean faultCapable() {
      return false;
    }

    @Override
    public void failed(RuntimeException cause) {
      throw new AssertionError(cause);
    }

    @Override
    public DomainBatch batch() {
      return new DomainBatch() {
        @Override
        public long map(long iova, long address, long length, int rights) {
          bytes.addAndGet(length);
          return length;
        }

        @Override
        public long mapPages(long iova, int pageLg2, LongBuffer addresses, int rights) {
          throw new AssertionError("not asked for");
        }

        @Override
        public long unmap(IovaRange range) {
          bytes.addAndGet(-range.length());
          return range.length();
        }

        @Override
        public long protect(IovaRange range, int rights) {
          return range.length();
        }

        @Override
        public Reason shortfall() {
          return null;
        }

        @Override
        public SyncResult sync() {
          return SyncResult.COMPLETE;
        }
      };
    }
  }

  private record Cost(double map, double find, double choose, double unmap, double bytes) {}

  /** Of this thread, so that other programs do not count. */
  private static long cpu() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  /**
   * Nanoseconds of processor per operation in a space of that many mappings, half of them at random
   * places.
   */
  private static Cost measure(int mappings) {
    try (Rig rig = new Rig(1L << 26)) {
      Space space = rig.space("scale");
      Source source = rig.anonymous(64 * PAGE, false);
      long base = 1L << 32;
      int stride = 7919; // prime, so that the order of addresses is mixed
      long start = cpu();
      for (int i = 0; i < mappings; i++) {
        long place = i < mappings / 2 ? i : mappings / 2 + (long) i * stride % (mappings / 2);
        if (i < mappings / 2 || mappings / 2 % stride == 0) {
          place = i;
        }
        space.map(source, i % 64 * PAGE, PAGE, RW, at(base + place * 2 * PAGE), 0);
      }
      final double map = (double) (cpu() - start) / mappings;
      assertThat(space.mappingCount()).isEqualTo(mappings);
      final double bytes = (double) space.structureBytes() / mappings;
      Random random = new Random(3);
      int rounds = 200_000;
      TranslatorCore translator =
          rig.objects.enter(
              org.ioasis.api.domain.Translator.class,
              rig.alice,
              h -> new TranslatorCore(rig.objects, h, space, "t", ranges -> {}));
      int found = 0;
      start = cpu();
      for (int i = 0; i < rounds; i++) {
        long iova = base + (long) random.nextInt(mappings) * 2 * PAGE;
        found += Translation.isPresent(translator.translate(iova, RW)) ? 1 : 0;
      }
      final double find = (double) (cpu() - start) / rounds;
      assertThat(found).isEqualTo(rounds);
      translator.close();
      start = cpu();
      int chosen = 20_000;
      for (int i = 0; i < chosen; i++) {
        long first = space.map(source, 0, (1 + i % 3) * PAGE, RW, OptionalLong.empty(), 12 + i % 3);
        assertThat(first & ((1L << (12 + i % 3)) - 1)).isZero();
      }
      final double choose = (double) (cpu() - start) / chosen;
      start = cpu();
      for (int i = 0; i < rounds; i++) {
        long iova = base + (long) i * (mappings / rounds) * 2 * PAGE;
        space.unmap(range(iova, PAGE), UnmapMode.WHOLE);
      }
      final double unmap = (double) (cpu() - start) / rounds;
      space.unmapAll();
      assertThat(space.mappingCount()).isZero();
      return new Cost(map, find, choose, unmap, bytes);
    }
  }

  @Test
  void aMillionMappingsCostAsMuchEachAsThousands() {
    measure(200_000);
    Cost small = measure(200_000);
    Cost large = measure(1_000_000);
    LOG.info("200k mappings {}, 1M mappings {}", small, large);
    assertThat(large.bytes).isLessThan(48);
    assertThat(large.map).isLessThan(small.map * 4);
    assertThat(large.unmap).isLessThan(small.unmap * 4);
    assertThat(large.choose).isLessThan(small.choose * 4);
    assertThat(large.find).isLessThan(small.find * 6);
  }

  @Test
  @Tag("stress")
  void tenMillionMappingsStayUsable() {
    measure(200_000);
    Cost small = measure(200_000);
    Cost large = measure(10_000_000);
    LOG.info("200k mappings {}, 10M mappings {}", small, large);
    assertThat(large.bytes).isLessThan(48);
    assertThat(large.map).isLessThan(small.map * 4);
    assertThat(large.unmap).isLessThan(small.unmap * 6);
    assertThat(large.choose).isLessThan(small.choose * 4);
  }

  private static long percentile(long[] times, double part) {
    long[] sorted = times.clone();
    Arrays.sort(sorted);
    return sorted[(int) (sorted.length * part)];
  }

  private static long[] timedMaps(Space space, Source source, int count, AtomicBoolean going) {
    long[] times = new long[count];
    long iova = 1L << 40;
    int n = 0;
    while (n < count && going.get()) {
      long start = System.nanoTime();
      space.map(source, 0, PAGE, RW, at(iova), 0);
      times[n++] = System.nanoTime() - start;
      space.unmap(range(iova, PAGE), UnmapMode.WHOLE);
      iova += 2 * PAGE;
    }
    return Arrays.copyOf(times, n);
  }

  @Test
  @Tag("stress")
  void aBackFillOfAMillionMappingsDoesNotHoldUpMaps() {
    try (Rig rig = new Rig(1L << 26)) {
      Space space = rig.space("scale");
      Source source = rig.anonymous(64 * PAGE, false);
      for (int i = 0; i < 1_000_000; i++) {
        space.map(source, i % 64 * PAGE, PAGE, RW, at((1L << 32) + i * 2L * PAGE), 0);
      }
      space.addFollower(new Counting());
      timedMaps(space, source, 100_000, new AtomicBoolean(true));
      final long[] idle = timedMaps(space, source, 100_000, new AtomicBoolean(true));
      long[] busy = new long[0];
      for (int round = 0; round < 20; round++) {
        AtomicBoolean going = new AtomicBoolean(true);
        CompletableFuture<Void> joining =
            CompletableFuture.runAsync(
                () -> {
                  Counting next = new Counting();
                  space.addFollower(next);
                  going.set(false);
                  space.removeFollower(next);
                });
        long[] some = timedMaps(space, source, 1_000_000, going);
        joining.join();
        int old = busy.length;
        busy = Arrays.copyOf(busy, old + some.length);
        System.arraycopy(some, 0, busy, old, some.length);
      }
      LOG.info(
          "map p50/p99 ns: idle {}/{}, during back-fill {}/{} of {} maps",
          percentile(idle, 0.5),
          percentile(idle, 0.99),
          percentile(busy, 0.5),
          percentile(busy, 0.99),
          busy.length);
      assertThat(busy.length).isGreaterThan(1000);
      assertThat(percentile(busy, 0.99)).isLessThan(20 * percentile(idle, 0.99));
    }
  }
}
