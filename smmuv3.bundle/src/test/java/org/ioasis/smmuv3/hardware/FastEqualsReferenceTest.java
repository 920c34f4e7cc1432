package org.ioasis.smmuv3.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.ioasis.api.inspect.Answer;
import org.ioasis.api.machine.DmaRequest;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The fast walk and the reference walk on random and damaged structures: same outcome, code,
 * address, rights and record; from cold caches, from warm ones, and as a probe. Nothing throws.
 */
class FastEqualsReferenceTest {
  private static final int REQUESTS = 24;
  private static final Comparator<DmaRequest> CONTEXT =
      Comparator.comparingInt(DmaRequest::sourceId).thenComparingInt(DmaRequest::pasid);

  @Test
  @DisplayName("800 worlds")
  void onRandomStructures() {
    Map<String, Integer> seen = compare(1, 800);
    assertThat(seen.keySet())
        .as("outcomes that the worlds reach")
        .contains("OK 0", "BLOCKED 0", "FAULT 2", "FAULT 4", "FAULT 6", "FAULT 8", "FAULT 10")
        .contains("FAULT 3", "FAULT 9", "FAULT 11", "FAULT 16", "FAULT 17", "FAULT 18", "FAULT 19")
        .contains("BLOCKED 16", "BLOCKED 19", "STALLED 16");
    assertThat(seen.get("OK 0")).isGreaterThan(400);
  }

  @Test
  @Tag("stress")
  @DisplayName("100,000 worlds")
  void onVeryManyRandomStructures() {
    compare(1_000_000, 100_000);
  }

  private static Map<String, Integer> compare(long firstSeed, int worlds) {
    Map<String, Integer> seen = new HashMap<>();
    for (long seed = firstSeed; seed < firstSeed + worlds; seed++) {
      RandomStructures world = new RandomStructures(seed);
      ReferenceWalker walker = new ReferenceWalker(world.memory, world.capabilities);
      Translator translator =
          new Translator(world.memory, world.capabilities, CacheGeometry.DEFAULT);
      List<DmaRequest> requests =
          Stream.generate(world::request).limit(REQUESTS).collect(Collectors.toList());
      for (DmaRequest request : requests) {
        Story story = walker.story();
        Answer reference = walker.walk(request, world.latched, story);
        check(world, reference, story, request, translator.probe(request, world.latched), seed);
        seen.merge(reference.kind() + " " + reference.faultCode(), 1, Integer::sum);
      }
      requests.sort(CONTEXT);
      DmaRequest before = null;
      for (DmaRequest request : requests) {
        // Contexts may share translations: global ones, those of EL2, those with one ASID.
        if (before != null && CONTEXT.compare(before, request) != 0) {
          translator.caches().dropAll();
        }
        before = request;
        Story story = walker.story();
        Answer reference = walker.walk(request, world.latched, story);
        check(world, reference, story, request, translator.translate(request, world.latched), seed);
        check(world, reference, story, request, translator.translate(request, world.latched), seed);
        check(world, reference, story, request, translator.probe(request, world.latched), seed);
      }
    }
    return seen;
  }

  private static void check(
      RandomStructures world,
      Answer reference,
      Story story,
      DmaRequest request,
      long result,
      long seed) {
    Answer fast = CacheStory.answer(request, result);
    boolean same =
        fast.kind() == reference.kind()
            && fast.address() == reference.address()
            && fast.rights() == reference.rights()
            && fast.faultCode() == reference.faultCode()
            && fast.pageLg2() <= reference.pageLg2();
    if (!same) {
      assertThat(fast)
          .as("seed %d: %s: %s %s", seed, request, story.check(), story.steps())
          .isEqualTo(reference);
    }
    if (story.record() != null) {
      long[] record = new long[4];
      EventRecords.write(result, request, (1L << world.capabilities.oas()) - 1, record);
      if (Verdict.end(result) == Verdict.STALL) {
        record[1] |= 1L << 31;
      }
      assertThat(record)
          .as("seed %d: %s: %s", seed, request, story.check())
          .isEqualTo(story.record());
    }
  }
}
