package org.ioasis.vtd.hardware;

import java.util.ArrayList;
import java.util.List;
import org.ioasis.api.explain.Step;
import org.ioasis.api.inspect.Answer;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Translation;
import org.ioasis.kit.cache.CacheWord;
import org.ioasis.kit.cache.TagTree;

/**
 * What the caches would give one request now, and which invalidation would remove what is stale.
 * Reads the caches, fills nothing.
 *
 * <p><b>Threading:</b> confined to one explanation.
 */
final class CacheStory {
  private final Answer answer;
  private final TranslationCaches caches;
  private final Context context;
  private final Target target;
  private final long word;
  private final long pointer;
  private final long input;

  CacheStory(Translator translator, DmaRequest request, Latched latched) {
    caches = translator.caches();
    input = request.iova();
    context = caches.contexts.lookup(Context.key(request.sourceId(), latched.ttm()));
    target = target(request, latched);
    int tag = target == null ? TagTree.NO_TAG : caches.tags.peek(target.tagKey);
    boolean walks = tag != TagTree.NO_TAG && target.walk != null;
    word = walks ? caches.iotlb.lookup(tag, input) : 0;
    pointer = walks ? target.walk.cachedLeafTable(tag, input) : 0;
    answer = isEmpty() ? null : probe(translator, request, latched);
  }

  private boolean isEmpty() {
    return context == null && target == null;
  }

  private Target target(DmaRequest request, Latched latched) {
    if (latched.ttm() == Latched.TTM_LEGACY) {
      return context == null ? null : context.target;
    }
    int ridPasid = context == null ? 0 : context.ridPasid;
    int pasid = request.hasPasid() ? request.pasid() : ridPasid;
    return caches.pasids.lookup(Target.pasidKey(request.sourceId(), pasid));
  }

  private static Answer probe(Translator translator, DmaRequest request, Latched latched) {
    DmaRequest copy =
        new DmaRequest()
            .set(
                request.sourceId(),
                request.pasid(),
                request.iova(),
                request.length(),
                request.access())
            .addressType(request.addressType())
            .privileged(request.isPrivileged())
            .atomic(request.isAtomic())
            .noWrite(request.isNoWrite())
            .noSnoop(request.isNoSnoop())
            .zeroLength(request.isZeroLength());
    long packed = translator.probe(copy, latched);
    if (Translation.isPresent(packed)) {
      return Answer.ok(Translation.address(packed), Translation.spanLg2(packed), copy.rights());
    }
    return Translation.refusal(packed) == Translation.Refusal.FAULT
        ? Answer.fault(copy.faultCode())
        : Answer.blocked(copy.faultCode());
  }

  /** The outcome by way of the caches; null if they hold nothing of this device. */
  Answer answer() {
    return answer;
  }

  /** Empty, or what is stale and the invalidations that would remove it. */
  String stale(Answer fromMemory, Story story) {
    if (answer == null || isSame(answer, fromMemory)) {
      return "";
    }
    List<String> causes = new ArrayList<>();
    if (context != null && differs(story, "context-entry", context.word0, context.word1)) {
      causes.add(
          "context-cache entry of %s, removed by cc_inv device (type 1, G=3, SID 0x%x, DID 0x%x)"
              .formatted(
                  Names.bdf(context.sourceId()),
                  context.sourceId(),
                  target == null ? 0 : target.domain));
    }
    boolean fromPasidCache = target != null && target.pasid >= 0;
    if (fromPasidCache
        && differs(story, "pasid-table-entry", target.word0, target.word1, target.word2)) {
      causes.add(
          "PASID-cache entry, removed by pc_inv (type 7, G=1, DID 0x%x, PASID 0x%x)"
              .formatted(target.domain, target.pasid));
    }
    if (word != 0) {
      causes.add("IOTLB entry (%s), removed by %s".formatted(held(), invalidation(word, true)));
    } else if (pointer != 0) {
      causes.add(
          "walk-cache entry for the table at 0x%x, removed by %s"
              .formatted(CacheWord.address(pointer), invalidation(0, false)));
    }
    return "STALE: " + (causes.isEmpty() ? "structures changed" : String.join("; ", causes));
  }

  private static boolean isSame(Answer one, Answer other) {
    return one.kind() == other.kind()
        && one.address() == other.address()
        && one.rights() == other.rights()
        && one.faultCode() == other.faultCode();
  }

  /** Whether memory holds other words than the cache where the walk read that structure. */
  private static boolean differs(Story story, String structure, long... cached) {
    for (Step step : story.steps()) {
      if (step.name().contains(structure)) {
        for (int i = 0; i < cached.length; i++) {
          if (step.raw().get(i) != cached[i]) {
            return true;
          }
        }
        return false;
      }
    }
    return true;
  }

  private String held() {
    int lg2 = caches.iotlb.sizeLg2(word);
    return "page 0x%x, 2^%d bytes, rights %s"
        .formatted(CacheWord.address(word), lg2, Names.rights((int) word & CacheWord.RIGHTS));
  }

  private String invalidation(long iotlbWord, boolean leafOnly) {
    int lg2 = iotlbWord == 0 ? StageWalk.LEAF_TABLE_LG2 : caches.iotlb.sizeLg2(iotlbWord);
    String range =
        "ADDR 0x%x, AM %d%s".formatted(input & -(1L << lg2), lg2 - 12, leafOnly ? "" : ", IH=0");
    boolean byPasid =
        target.tagKey == TagTree.key(target.domain, target.pasid) && target.pasid >= 0;
    return byPasid
        ? "p_iotlb_inv page (type 6, G=3, DID 0x%x, PASID 0x%x, %s)"
            .formatted(target.domain, target.pasid, range)
        : "iotlb_inv page (type 2, G=3, DID 0x%x, %s)".formatted(target.domain, range);
  }
}
