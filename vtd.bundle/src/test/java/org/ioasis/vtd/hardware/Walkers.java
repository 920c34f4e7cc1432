package org.ioasis.vtd.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.ioasis.api.inspect.Answer;
import org.ioasis.api.machine.DmaRequest;

/**
 * Asks the fast walk with empty caches, warm ones, and the reference walk, and insists that they
 * agree: in the answer and in what is marked.
 */
final class Walkers {
  private Walkers() {}

  /**
   * The outcome in words: {@code ok 5deadb000 2^12 rw}, {@code fault 71}, {@code quiet 71} if FPD
   * suppresses the record.
   */
  static String ask(TestMemory memory, Capabilities can, Latched latched, DmaRequest request) {
    ReferenceWalker walker = new ReferenceWalker(memory, can);
    Story story = walker.story();
    Map<Long, Long> expected = memory.snapshot();
    Answer reference = walker.walk(request, latched, story);
    expected.putAll(story.marks());
    Translator translator = Fixture.translator(memory, can);
    assertThat(words(Fixture.answer(request, translator.probe(request, latched))))
        .as("probe of %s", request)
        .isEqualTo(words(reference));
    assertThat(words(Fixture.answer(request, translator.translate(request, latched))))
        .as("cold %s", request)
        .isEqualTo(words(reference));
    assertThat(memory.snapshot()).as("marks of %s", request).isEqualTo(expected);
    assertThat(words(Fixture.answer(request, translator.translate(request, latched))))
        .as("warm %s", request)
        .isEqualTo(words(walker.walk(request, latched, walker.story())));
    return words(reference);
  }

  /** In scalable mode, with everything that the model does. */
  static String ask(TestMemory memory, DmaRequest request) {
    return ask(memory, FULL, Fixture.SCALABLE_MODE, request);
  }

  /** The default profile with a host address width of 48 bits. */
  static final Capabilities FULL =
      new Capabilities(0x50, VtdProfiles.FULL_CAP, VtdProfiles.FULL_ECAP, 48);

  private static String words(Answer answer) {
    return switch (answer.kind()) {
      case OK ->
          "ok %x 2^%d %s".formatted(answer.address(), answer.pageLg2(), rights(answer.rights()));
      case FAULT -> "fault %x".formatted(answer.faultCode());
      default -> "quiet %x".formatted(answer.faultCode());
    };
  }

  private static String rights(int rights) {
    return Names.rights(rights)
        + ((rights & DmaRequest.PRIVILEGED_ONLY) != 0 ? "P" : "")
        + ((rights & DmaRequest.UNTRANSLATED_ONLY) != 0 ? "U" : "")
        + ((rights & DmaRequest.NON_SNOOPED) != 0 ? "N" : "");
  }
}
