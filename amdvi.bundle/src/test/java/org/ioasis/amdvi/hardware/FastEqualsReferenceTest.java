package org.ioasis.amdvi.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.ioasis.amdvi.format.AddressMap;
import org.ioasis.amdvi.format.FaultCode;
import org.ioasis.api.explain.Step;
import org.ioasis.api.inspect.Answer;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Translation;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The fast walk and the reference walk on random and damaged structures: same outcome, code,
 * address, rights and record; from cold caches, from warm ones, and as a probe. Nothing throws.
 */
class FastEqualsReferenceTest {
  private static final int REQUESTS = 20;

  @Test
  void onRandomStructures() {
    Map<String, Integer> seen = compare(1, 300);
    assertThat(seen.keySet())
        .as("outcomes that the worlds reach")
        .contains(
            "OK none",
            "BLOCKED none",
            "FAULT ILLEGAL_DEV_TABLE_ENTRY()",
            "FAULT ILLEGAL_DEV_TABLE_ENTRY(RZ)",
            "FAULT IO_PAGE_FAULT()",
            "FAULT IO_PAGE_FAULT(PR)",
            "FAULT IO_PAGE_FAULT(PR RZ)",
            "FAULT IO_PAGE_FAULT(PR PE)",
            "FAULT IO_PAGE_FAULT(GN US)",
            "FAULT IO_PAGE_FAULT(GN US PR PE)",
            "FAULT IO_PAGE_FAULT(GN US PR RZ)",
            "FAULT IO_PAGE_FAULT(GN NX US PR PE)",
            "FAULT PAGE_TAB_HARDWARE_ERROR()",
            "FAULT INVALID_DEVICE_REQUEST()");
    assertThat(seen.get("OK none")).isGreaterThan(400);
  }

  @Test
  @Tag("stress")
  void onVeryManyRandomStructures() {
    compare(1_000_000, 15_000);
  }

  /** RW is left out of the names: every kind has both. */
  private static String name(Answer answer) {
    int code = answer.faultCode();
    if (FaultCode.code(code) == 0) {
      return answer.kind() + " none";
    }
    String name = FaultWords.name(code).replace(" RW", "").replace("RW ", "").replace("RW", "");
    return answer.kind() + " " + (name.endsWith(")") ? name : name + "()");
  }

  private static Map<String, Integer> compare(long firstSeed, int worlds) {
    Map<String, Integer> seen = new TreeMap<>();
    for (long seed = firstSeed; seed < firstSeed + worlds; seed++) {
      RandomStructures world = new RandomStructures(seed);
      Rig rig = world.rig;
      ReferenceWalker walker =
          new ReferenceWalker(rig.memory(), Capabilities.of(rig.unit.profile()));
      List<DmaRequest> requests =
          Stream.generate(world::request)
              .filter(request -> !AddressMap.isInterrupt(request.iova()))
              .limit(REQUESTS)
              .toList();
      for (DmaRequest request : requests) {
        Story story = walker.story();
        Answer reference = walker.walk(request, rig.unit.latched(), story);
        if (isOnceOnly(story) || meetsItsOwnMark(story)) {
          continue;
        }
        seen.merge(name(reference), 1, Integer::sum);
        rig.unit.state().dropCaches();
        String where = "seed %d: %s".formatted(seed, request);
        check(reference, request, rig.unit.probe(request), where + " probe");
        assertThat(rig.events()).as(where).isEmpty();
        check(reference, request, rig.unit.translate(request), where + " cold");
        record(rig, reference, story, where);
      }
      for (DmaRequest request : requests) {
        if (request.addressType() != DmaRequest.AT_UNTRANSLATED) {
          continue; // what it may write depends on D, which others set
        }
        Story story = walker.story();
        Answer reference = walker.walk(request, rig.unit.latched(), story);
        if (isOnceOnly(story) || meetsItsOwnMark(story)) {
          continue;
        }
        String where = "seed %d: %s".formatted(seed, request);
        for (int time = 0; time < 2; time++) {
          check(reference, request, rig.unit.translate(request), where + " warm");
          record(rig, reference, story, where);
        }
        check(reference, request, rig.unit.probe(request), where + " warm probe");
      }
    }
    return seen;
  }

  /** SE: whether a fault is logged depends on those before it. */
  private static boolean isOnceOnly(Story story) {
    return story.device() != null && story.device().suppressAfterFirst;
  }

  /**
   * Tables that loop: one word is the entry of two levels of a walk. What the walk marks at the
   * first is marked at the second, which the reference walk, that marks nothing, cannot see.
   */
  static boolean meetsItsOwnMark(Story story) {
    List<Long> words =
        story.steps().stream()
            .filter(step -> step.name().startsWith("v2-"))
            .map(Step::address)
            .toList();
    return words.stream().distinct().count() < words.size();
  }

  /** What was logged is what the reference walk says: nothing, or one event. */
  private static void record(Rig rig, Answer reference, Story story, String where) {
    List<Long> events = rig.events();
    boolean logged = reference.kind() == Answer.Kind.FAULT;
    List<Long> expected = logged ? List.of(story.event0(), story.event1()) : List.of();
    if (!events.equals(expected)) {
      assertThat(hex(events)).as(where + ": " + story.check()).isEqualTo(hex(expected));
    }
  }

  private static List<String> hex(List<Long> words) {
    return words.stream().map(Long::toHexString).toList();
  }

  private static void check(Answer reference, DmaRequest request, long packed, String where) {
    Answer fast = answer(request, packed);
    boolean same =
        fast.kind() == reference.kind()
            && fast.address() == reference.address()
            && fast.rights() == reference.rights()
            && fast.faultCode() == reference.faultCode()
            && fast.pageLg2() <= reference.pageLg2();
    if (!same) {
      assertThat(fast).as(where).isEqualTo(reference);
    }
  }

  /** A refusal that the device is told of is a fault, and so is one that it sees as unsupported. */
  static Answer answer(DmaRequest request, long packed) {
    if (Translation.isPresent(packed)) {
      return Answer.ok(Translation.address(packed), Translation.spanLg2(packed), request.rights());
    }
    return Translation.refusal(packed) == Translation.Refusal.ABORTED
        ? Answer.blocked(request.faultCode())
        : Answer.fault(request.faultCode());
  }
}
