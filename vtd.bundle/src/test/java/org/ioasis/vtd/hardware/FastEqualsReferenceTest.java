package org.ioasis.vtd.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.ioasis.api.inspect.Answer;
import org.ioasis.api.machine.DmaRequest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The fast walk and the reference walk on random and damaged structures: same outcome, code,
 * address and rights; from cold caches, from warm ones, and as a probe. Nothing throws.
 */
class FastEqualsReferenceTest {
  private static final int REQUESTS = 24;

  /** Requests of a world that are also made with empty caches. */
  private static final int COLD = 8;

  @Test
  void onRandomStructures() {
    Map<String, Integer> seen = compare(1, 1_000);
    assertThat(seen.keySet())
        .as("outcomes that the worlds reach")
        .contains("OK 0", "FAULT 1", "FAULT 3", "FAULT 5", "FAULT 6", "FAULT 12", "FAULT 4")
        .contains("FAULT 113", "FAULT 129", "FAULT 133", "FAULT 114", "FAULT 121", "FAULT 122")
        .contains("BLOCKED 5", "BLOCKED 113", "FAULT 14", "FAULT 135")
        .contains("FAULT 116", "FAULT 117", "FAULT 118", "FAULT 119", "FAULT 124", "FAULT 144")
        .contains("FAULT 13", "FAULT 68", "FAULT 92", "FAULT 93", "FAULT 130", "FAULT 132");
    assertThat(seen.get("OK 0")).isGreaterThan(1_000);
  }

  @Test
  @Tag("stress")
  void onVeryManyRandomStructures() {
    compare(1_000_000, 25_000);
  }

  private static Map<String, Integer> compare(long firstSeed, int worlds) {
    Map<String, Integer> seen = new HashMap<>();
    for (long seed = firstSeed; seed < firstSeed + worlds; seed++) {
      RandomStructures world = new RandomStructures(seed);
      ReferenceWalker walker = new ReferenceWalker(world.memory, world.capabilities);
      Translator translator = Fixture.translator(world.memory, world.capabilities);
      List<DmaRequest> requests = Stream.generate(world::request).limit(REQUESTS).toList();
      Map<Long, Long> before = world.memory.snapshot();
      for (DmaRequest request : requests) {
        Answer reference = walker.walk(request, world.latched, walker.story());
        check(reference, request, translator.probe(request, world.latched), seed);
        seen.merge(reference.kind() + " " + reference.faultCode(), 1, Integer::sum);
      }
      assertThat(world.memory.snapshot())
          .as("seed %d: probes mark nothing", seed)
          .isEqualTo(before);
      for (DmaRequest request : requests.subList(0, COLD)) {
        coldMarks(world, walker, request, seed);
      }
      for (DmaRequest request : requests) {
        Answer reference = walker.walk(request, world.latched, walker.story());
        check(reference, request, translator.translate(request, world.latched), seed);
        check(reference, request, translator.translate(request, world.latched), seed);
        check(reference, request, translator.probe(request, world.latched), seed);
      }
    }
    return seen;
  }

  /** With empty caches, what the fast walk sets in memory is what the reference walk would set. */
  private static void coldMarks(
      RandomStructures world, ReferenceWalker walker, DmaRequest request, long seed) {
    Translator cold = Fixture.translator(world.memory, world.capabilities);
    Map<Long, Long> expected = world.memory.snapshot();
    Story story = walker.story();
    Answer reference = walker.walk(request, world.latched, story);
    expected.putAll(story.marks());
    check(reference, request, cold.translate(request, world.latched), seed);
    assertThat(world.memory.snapshot())
        .as("seed %d: what %s marks", seed, request)
        .isEqualTo(expected);
  }

  private static void check(Answer reference, DmaRequest request, long packed, long seed) {
    Answer fast = Fixture.answer(request, packed);
    boolean same =
        fast.kind() == reference.kind()
            && fast.address() == reference.address()
            && fast.rights() == reference.rights()
            && fast.faultCode() == reference.faultCode()
            && fast.pageLg2() <= reference.pageLg2();
    if (!same) {
      assertThat(fast).as("seed %d: %s", seed, request).isEqualTo(reference);
    }
  }
}
