package org.ioasis.vtd.hardware;

import java.util.List;
import org.ioasis.api.explain.Explainer;
import org.ioasis.api.explain.Explanation;
import org.ioasis.api.inspect.Answer;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.vtd.format.AddressBits;
import org.ioasis.vtd.format.FaultReason;

/**
 * Tells why a request ends where it ends: the reference walk from memory, and beside it what the
 * caches would give. Changes nothing.
 *
 * <p>Protected memory regions are not part of the story; they apply after translation.
 *
 * <p><b>Threading:</b> any thread.
 */
final class VtdExplainer implements Explainer {
  private final ReferenceWalker walker;
  private final Capabilities capabilities;
  private final UnitView unit;

  VtdExplainer(PhysicalMemory memory, Capabilities capabilities, UnitView unit) {
    this.walker = new ReferenceWalker(memory, capabilities);
    this.capabilities = capabilities;
    this.unit = unit;
  }

  @Override
  public Explanation explain(DmaRequest request) {
    Latched latched = unit.latched();
    Story story = walker.story();
    boolean untranslated = request.addressType() == DmaRequest.AT_UNTRANSLATED;
    if (untranslated && !request.hasPasid() && AddressBits.isInterrupt(request.iova())) {
      return withoutCaches(story, interrupt(request, story));
    }
    if (!latched.translationEnabled()) {
      return withoutCaches(story, bypass(request, untranslated, story));
    }
    Answer result = walker.walk(request, latched, story);
    CacheStory caches = new CacheStory(unit.translator(), request, latched);
    return new Explanation(
        story.steps(),
        story.check(),
        result,
        name(story),
        meaning(story, result),
        caches.answer(),
        caches.stale(result, story));
  }

  private static Explanation withoutCaches(Story story, Answer result) {
    return new Explanation(
        List.of(), story.check(), result, name(story), meaning(story, result), null, "");
  }

  private static Answer interrupt(DmaRequest request, Story story) {
    boolean wellFormed =
        request.access() == DmaRequest.WRITE && request.length() == 4 && (request.iova() & 3) == 0;
    if (!wellFormed) {
      return story.fault(
          FaultReason.IR_29, "FEExxxxx without PASID takes a write of one aligned doubleword only");
    }
    return story.ok(
        request.iova(),
        AddressBits.INTERRUPT_LG2,
        DmaRequest.WRITE,
        "untranslated write to FEExxxxx without PASID: an interrupt request, never translated");
  }

  private Answer bypass(DmaRequest request, boolean untranslated, Story story) {
    if (!untranslated) {
      return story.abort("TES=0: translation and translated requests are not supported");
    }
    if (request.iova() >>> capabilities.haw() != 0) {
      return story.abort("TES=0: the address is beyond the host address width");
    }
    return story.ok(
        request.iova(),
        AddressBits.INTERRUPT_LG2,
        DmaRequest.READ | DmaRequest.WRITE | DmaRequest.EXECUTE,
        "TES=0: translation is off, the output is the input");
  }

  private static String name(Story story) {
    return story.reason() == null ? "" : story.reason().label;
  }

  private static String meaning(Story story, Answer result) {
    FaultReason reason = story.reason();
    if (reason == null) {
      return result.kind() == Answer.Kind.OK ? "" : story.check();
    }
    return result.kind() == Answer.Kind.FAULT
        ? reason.meaning
        : "FPD suppresses the record of 0x%x (%s): %s"
            .formatted(reason.code, reason.label, reason.meaning);
  }
}
