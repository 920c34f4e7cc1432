package org.ioasis.vtd.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.ioasis.api.inspect.Answer;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.PageRequest;
import org.ioasis.api.machine.Scheduler;
import org.ioasis.api.machine.Translation;
import org.ioasis.vtd.format.FaultReason;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A whole unit on random and mutated memory, with structures that change between requests: every
 * request ends in a translation or a reason of the specification, within a bound of loads; the
 * reference walk says the same, and what is recorded is what was answered. Nothing throws.
 */
class HostileWalksTest {
  /**
   * Most loads of one request: a nested walk of five levels over five, each entry judged at most 64
   * times, each with a second walk for the update; translation requests walk five times.
   */
  private static final long MOST_LOADS = 5L * 64 * (5 + 1) * (2 * 5 + 1);

  private static final int REQUESTS = 50;

  /** Counts loads. */
  private static final class Counting extends TestMemory {
    private long loads;

    Counting(TestMemory from, long end) {
      super(end);
      from.snapshot().forEach(this::at);
    }

    @Override
    public long load64(long address) {
      loads++;
      return super.load64(address);
    }
  }

  @Test
  @Timeout(60)
  void aSample() {
    fuzz(5_000_000, 300);
  }

  @Test
  @Tag("stress")
  void aMillionWalks() {
    fuzz(6_000_000, 20_000);
  }

  private static void fuzz(long firstSeed, int worlds) {
    for (long seed = firstSeed; seed < firstSeed + worlds; seed++) {
      RandomStructures world = new RandomStructures(seed);
      Counting memory = new Counting(world.memory, 0x20_0000L);
      SplittableRandom random = new SplittableRandom(seed);
      Translator translator = Fixture.translator(memory, world.capabilities);
      ReferenceWalker walker = new ReferenceWalker(memory, world.capabilities);
      Long[] places = memory.snapshot().keySet().toArray(Long[]::new);
      for (int number = 0; number < REQUESTS; number++) {
        long place = places[random.nextInt(places.length)];
        memory.at(place, memory.load64(place) ^ 1L << random.nextInt(64));
        translator.caches().dropAll(); // caches are another test's
        DmaRequest request = world.request();
        Answer reference = walker.walk(request, world.latched, walker.story());
        memory.loads = 0;
        long packed = translator.translate(request, world.latched);
        assertThat(memory.loads).as("loads, seed %d: %s", seed, request).isLessThan(MOST_LOADS);
        Answer fast = Fixture.answer(request, packed);
        if (fast.kind() != reference.kind()
            || fast.faultCode() != reference.faultCode()
            || fast.address() != reference.address()
            || fast.rights() != reference.rights()) {
          assertThat(fast).as("seed %d: %s", seed, request).isEqualTo(reference);
        }
        if (!Translation.isPresent(packed) && request.faultCode() != 0) {
          assertThat(FaultReason.of(request.faultCode())).as("seed %d", seed).isPresent();
        }
      }
    }
  }

  /** Registers and structures of a unit are noise, and so is what it is asked; records agree. */
  @Test
  @Timeout(60)
  void aUnitOfNoise() {
    SplittableRandom random = new SplittableRandom(77);
    for (int round = 0; round < 40; round++) {
      RandomStructures world = new RandomStructures(7_000_000 + round);
      Rig rig = new Rig(VtdProfiles.FULL, Scheduler.Mode.INLINE);
      world.memory.snapshot().forEach((at, word) -> rig.poke(at, word));
      rig.w64(0x20, world.latched.rootTable() | (long) world.latched.ttm() << 10);
      rig.w64(0xD0, random.nextBoolean() ? 0x11_0000L : random.nextLong());
      rig.w32(0x18, 0xC000_0000L);
      for (int number = 0; number < 100; number++) {
        DmaRequest request = world.request();
        long answer = rig.unit.translate(request);
        if (Translation.refusal(answer) == Translation.Refusal.FAULT) {
          assertThat(recorded(rig, request.sourceId())).isEqualTo(request.faultCode());
        }
        rig.unit.pageRequest(
            new PageRequest(
                request.sourceId(),
                request.pasid(),
                random.nextLong() & -0x1000,
                random.nextInt(8),
                random.nextBoolean(),
                random.nextInt(512),
                random.nextBoolean()));
        for (int index = 0; index < 8; index++) {
          rig.w32(0x22C + 16 * index, 0x8000_0000L);
        }
        rig.w32(0x34, 0x7F);
        rig.w32(0xDC, 3);
      }
    }
  }

  /** Reason of the record of a source, -1 if there is none. */
  private static int recorded(Rig rig, int source) {
    for (int index = 0; index < 8; index++) {
      long high = rig.r64(0x228 + 16 * index);
      if (high < 0 && (high & 0xFFFF) == source) {
        return (int) (high >>> 32) & 0xFF;
      }
    }
    return -1;
  }
}
