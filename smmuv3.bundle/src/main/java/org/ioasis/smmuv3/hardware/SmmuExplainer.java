package org.ioasis.smmuv3.hardware;

import java.util.List;
import org.ioasis.api.explain.Explainer;
import org.ioasis.api.explain.Explanation;
import org.ioasis.api.inspect.Answer;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.smmuv3.format.EventType;
import org.ioasis.smmuv3.format.Gbpa;

/**
 * Tells why a transaction ends where it ends: the reference walk from memory, and beside it what
 * the caches would give. Changes nothing. For ATS it tells the structures that decide, and the
 * answer of the unit.
 *
 * <p><b>Threading:</b> any thread.
 */
final class SmmuExplainer implements Explainer {
  private static final int BYPASS_LG2 = 30, PAGE_LG2 = 12;

  private final PhysicalMemory memory;
  private final ReferenceWalker walker;
  private final Capabilities can;
  private final UnitView unit;

  SmmuExplainer(PhysicalMemory memory, Capabilities can, UnitView unit) {
    this.memory = memory;
    this.walker = new ReferenceWalker(memory, can);
    this.can = can;
    this.unit = unit;
  }

  @Override
  public Explanation explain(DmaRequest request) {
    Latched latched = unit.latched();
    Story story = walker.story();
    if (request.addressType() != DmaRequest.AT_UNTRANSLATED) {
      return ats(request, latched, story);
    }
    if (!latched.enabled()) {
      return explanation(story, bypass(request, latched, story), null, "");
    }
    Answer result = walker.walk(request, latched, story);
    CacheStory caches = new CacheStory(unit.translator(), request, latched);
    return explanation(story, result, caches.answer(), caches.stale(result, story));
  }

  private static Explanation explanation(Story story, Answer result, Answer cached, String stale) {
    EventType event = story.event();
    return new Explanation(
        story.steps(),
        story.check(),
        result,
        event == null ? "" : event.name(),
        meaning(story, result),
        cached,
        stale);
  }

  private static String meaning(Story story, Answer result) {
    EventType event = story.event();
    if (event == null) {
      return result.kind() == Answer.Kind.OK ? "" : story.check();
    }
    return result.kind() == Answer.Kind.BLOCKED
        ? event.meaning + ", and it is not to be recorded"
        : event.meaning;
  }

  private Answer bypass(DmaRequest request, Latched latched, Story story) {
    if (Gbpa.ABORT.isSet(latched.gbpa())) {
      return story.blocked("SMMUEN=0 and GBPA.ABORT=1: everything aborts, nothing is recorded");
    }
    if (request.iova() >>> can.oas() != 0) {
      return story.ok(
          request.iova(),
          PAGE_LG2,
          DmaRequest.READ | DmaRequest.WRITE | DmaRequest.EXECUTE,
          "SMMUEN=0: the address is beyond 2^%d and leads nowhere".formatted(can.oas()));
    }
    return story.ok(
        request.iova(),
        BYPASS_LG2,
        DmaRequest.READ | DmaRequest.WRITE | DmaRequest.EXECUTE,
        "SMMUEN=0 and GBPA.ABORT=0: the output is the input");
  }

  /** The unit&#39;s answer from memory alone: a translator of its own, with empty caches. */
  private Explanation ats(DmaRequest request, Latched latched, Story story) {
    boolean translated = request.addressType() == DmaRequest.AT_TRANSLATED;
    if (latched.enabled()) {
      DmaRequest ordinary = CacheStory.copy(request).addressType(DmaRequest.AT_UNTRANSLATED);
      walker.walk(ordinary, latched, story);
    }
    Translator cold = new Translator(memory, can, CacheGeometry.DEFAULT);
    DmaRequest asked = CacheStory.copy(request);
    long packed = cold.probe(asked, latched);
    Answer result = CacheStory.answer(asked, packed);
    EventType event = packed >= 0 ? null : Verdict.type(packed);
    String check =
        (translated ? "ATS translated transaction" : "ATS translation request")
            + ", EATS=%d, ATSCHK=%d; untranslated it would be: %s"
                .formatted(
                    story.stream() == null ? 0 : story.stream().eats,
                    latched.atsCheck() ? 1 : 0,
                    story.check());
    return new Explanation(
        latched.enabled() ? story.steps() : List.of(),
        check,
        result,
        event == null ? "" : event.name(),
        event == null ? "" : event.meaning,
        null,
        "");
  }
}
