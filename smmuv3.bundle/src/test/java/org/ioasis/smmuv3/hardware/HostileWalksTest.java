package org.ioasis.smmuv3.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.ioasis.api.inspect.Answer;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.smmuv3.format.EventType;
import org.ioasis.testing.Between;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Structures are noise and change under the unit: before each request a bit of what was written is
 * turned. Every walk ends as the reference walk does, in outcome, code and record, and within a
 * number of loads that does not depend on what the tables say.
 */
class HostileWalksTest {
  /**
   * Stream table: two levels of one and eight words; CD the same, each behind a stage-2 walk of at
   * most five levels, as are the at most five tables of stage 1 and what they put out. Twice that,
   * for what is marked meanwhile.
   */
  private static final long MOST_LOADS = 2 * (9 + 9 + 5 + (2 + 5 + 1) * 5);

  private static final int REQUESTS = 50;

  private final long[] loads = new long[1];

  @Test
  @Timeout(60)
  void aSample() {
    fuzz(5_000_000, 200);
  }

  @Test
  @Tag("stress")
  void aMillionWalks() {
    fuzz(6_000_000, 20_000);
  }

  private PhysicalMemory counted(PhysicalMemory memory) {
    return Between.stand(
        PhysicalMemory.class,
        memory,
        (method, arguments, result) -> {
          loads[0] += method.startsWith("load") ? 1 : 0;
          return result;
        });
  }

  private void fuzz(long firstSeed, int worlds) {
    for (long seed = firstSeed; seed < firstSeed + worlds; seed++) {
      RandomStructures world = new RandomStructures(seed);
      ReferenceWalker walker = new ReferenceWalker(world.memory, world.capabilities);
      Translator translator =
          new Translator(counted(world.memory), world.capabilities, CacheGeometry.DEFAULT);
      for (int number = 0; number < REQUESTS; number++) {
        world.damage();
        translator.caches().dropAll(); // caches are another test's
        DmaRequest request = world.request();
        Story story = walker.story();
        Answer reference = walker.walk(request, world.latched, story);
        loads[0] = 0;
        long result = translator.translate(request, world.latched);
        assertThat(loads[0]).as("loads, seed %d: %s", seed, request).isLessThan(MOST_LOADS);
        check(world, reference, story, request, result, seed);
      }
    }
  }

  private static void check(
      RandomStructures world,
      Answer reference,
      Story story,
      DmaRequest request,
      long result,
      long seed) {
    Answer fast = CacheStory.answer(request, result);
    if (fast.kind() != reference.kind()
        || fast.faultCode() != reference.faultCode()
        || fast.address() != reference.address()
        || fast.rights() != reference.rights()) {
      assertThat(fast).as("seed %d: %s: %s", seed, request, story.check()).isEqualTo(reference);
    }
    if (fast.faultCode() != 0) {
      assertThat(EventType.of(fast.faultCode())).as("seed %d", seed).isNotNull();
    }
    if (story.record() != null) {
      long[] record = new long[4];
      EventRecords.write(result, request, (1L << world.capabilities.oas()) - 1, record);
      record[1] |= Verdict.end(result) == Verdict.STALL ? 1L << 31 : 0;
      if (!Arrays.equals(record, story.record())) {
        assertThat(record).as("seed %d: %s", seed, request).isEqualTo(story.record());
      }
    }
  }
}
