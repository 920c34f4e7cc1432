package org.ioasis.amdvi.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.ioasis.amdvi.format.AddressMap;
import org.ioasis.api.inspect.Answer;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Translation;
import org.ioasis.api.memory.MachineMemory;
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
   * Device table four words; GCR3 tables of at most three levels and guest tables of at most five,
   * each behind a host walk of at most six, as is what they put out. Four times that, for what is
   * marked meanwhile and for a log that is written.
   */
  private static final long MOST_LOADS = 4 * (4 + 3 + 5 + (3 + 5 + 1) * 6);

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

  private MachineMemory counted(MachineMemory memory) {
    return Between.stand(
        MachineMemory.class,
        memory,
        (method, arguments, result) -> {
          loads[0] += method.startsWith("load") ? 1 : 0;
          return result;
        });
  }

  private void fuzz(long firstSeed, int worlds) {
    for (long seed = firstSeed; seed < firstSeed + worlds; seed++) {
      RandomStructures world = new RandomStructures(seed, this::counted);
      Rig rig = world.rig;
      ReferenceWalker walker =
          new ReferenceWalker(rig.memory(), Capabilities.of(rig.unit.profile()));
      for (int number = 0; number < REQUESTS; number++) {
        world.damage();
        rig.unit.state().dropCaches(); // caches are another test's
        DmaRequest request = world.request();
        if (AddressMap.isInterrupt(request.iova())) {
          continue;
        }
        Story story = walker.story();
        Answer reference = walker.walk(request, rig.unit.latched(), story);
        loads[0] = 0;
        long packed = rig.unit.translate(request);
        assertThat(loads[0]).as("loads, seed %d: %s", seed, request).isLessThan(MOST_LOADS);
        check(rig, reference, story, request, packed, "seed %d: %s".formatted(seed, request));
      }
    }
  }

  private static void check(
      Rig rig, Answer reference, Story story, DmaRequest request, long packed, String where) {
    List<Long> events = rig.events();
    boolean once = story.device() != null && story.device().suppressAfterFirst;
    if (once || FastEqualsReferenceTest.meetsItsOwnMark(story)) {
      return; // SE: what is logged depends on the faults before it
    }
    Answer fast = FastEqualsReferenceTest.answer(request, packed);
    if (fast.kind() != reference.kind()
        || fast.faultCode() != reference.faultCode()
        || fast.address() != reference.address()
        || fast.rights() != reference.rights()) {
      assertThat(fast).as(where).isEqualTo(reference);
    }
    boolean logged = reference.kind() == Answer.Kind.FAULT;
    List<Long> expected = logged ? List.of(story.event0(), story.event1()) : List.of();
    if (!events.equals(expected)) {
      assertThat(events).as(where + ": " + story.check()).isEqualTo(expected);
    }
    if (!Translation.isPresent(packed) && logged) {
      assertThat(request.faultCode()).as(where).isNotZero();
    }
  }
}
