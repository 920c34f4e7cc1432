package org.ioasis.amdvi.hardware;

import java.util.List;
import org.ioasis.amdvi.format.AddressMap;
import org.ioasis.amdvi.format.FaultCode;
import org.ioasis.api.explain.Explainer;
import org.ioasis.api.explain.Explanation;
import org.ioasis.api.inspect.Answer;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.memory.PhysicalMemory;

/**
 * Tells why a request ends where it ends: the reference walk from memory, and beside it what the
 * caches would give. Changes nothing.
 *
 * <p>Windows that are no memory are told as such; what the interrupt remapper does is another
 * story.
 *
 * <p><b>Threading:</b> any thread.
 */
final class AmdviExplainer implements Explainer {
  private final ReferenceWalker walker;
  private final Capabilities capabilities;
  private final UnitView unit;

  AmdviExplainer(PhysicalMemory memory, Capabilities capabilities, UnitView unit) {
    this.walker = new ReferenceWalker(memory, capabilities);
    this.capabilities = capabilities;
    this.unit = unit;
  }

  @Override
  public Explanation explain(DmaRequest request) {
    Latched latched = unit.latched();
    Story story = walker.story();
    if (!latched.enabled) {
      return withoutCaches(story, bypass(request, story));
    }
    boolean window =
        AddressMap.isInterrupt(request.iova())
            || (capabilities.htWindows()
                && AddressMap.hyperTransport(request.iova()) != AddressMap.MEMORY);
    if (window) {
      return withoutCaches(story, window(request, story));
    }
    Answer result = walker.walk(request, latched, story);
    CacheStory caches = new CacheStory(unit.translator(), request, latched);
    return new Explanation(
        story.steps(),
        story.check(),
        result,
        name(result),
        meaning(story, result),
        caches.answer(),
        caches.stale(result, story));
  }

  private static Explanation withoutCaches(Story story, Answer result) {
    return new Explanation(
        List.of(), story.check(), result, name(result), meaning(story, result), null, "");
  }

  private static Answer bypass(DmaRequest request, Story story) {
    if (request.addressType() != DmaRequest.AT_UNTRANSLATED) {
      return story.abort("IommuEn=0: translation and translated requests are not supported");
    }
    return story.ok(
        request.iova(),
        AddressMap.INTERRUPT_LG2,
        DmaRequest.READ | DmaRequest.WRITE | DmaRequest.EXECUTE,
        "IommuEn=0: translation is off, the output is the input");
  }

  private static Answer window(DmaRequest request, Story story) {
    boolean interrupt =
        AddressMap.isInterrupt(request.iova())
            && request.access() == DmaRequest.WRITE
            && !request.hasPasid()
            && request.addressType() == DmaRequest.AT_UNTRANSLATED;
    if (interrupt) {
      return story.ok(
          request.iova(),
          AddressMap.INTERRUPT_LG2,
          DmaRequest.WRITE,
          "untranslated write to FEExxxxx without PASID: an interrupt request, never translated");
    }
    return story.abort("the address lies in a window that is no memory");
  }

  private static String name(Answer result) {
    return FaultCode.code(result.faultCode()) == 0 ? "" : FaultWords.name(result.faultCode());
  }

  private static String meaning(Story story, Answer result) {
    if (FaultCode.code(result.faultCode()) == 0) {
      return result.kind() == Answer.Kind.OK ? "" : story.check();
    }
    String meaning = FaultWords.meaning(result.faultCode());
    return result.kind() == Answer.Kind.FAULT ? meaning : "SA suppresses the event: " + meaning;
  }
}
