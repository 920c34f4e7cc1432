package org.ioasis.smmuv3.hardware;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.ioasis.api.inspect.Answer;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Translation;
import org.ioasis.kit.cache.CacheWord;
import org.ioasis.kit.cache.TagTree;

/**
 * What the caches would give one transaction now, and which commands would remove what is stale.
 * Reads the caches, fills nothing.
 *
 * <p><b>Threading:</b> confined to one explanation.
 */
final class CacheStory {
  private final Answer answer;
  private final TranslationCaches caches;
  private final StreamEntry stream;
  private final ContextEntry context;
  private final long input;
  private final long word;
  private final long pointer;

  CacheStory(Translator translator, DmaRequest request, Latched latched) {
    caches = translator.caches();
    stream = caches.streams.lookup(StreamEntry.key(request.sourceId()));
    long ssid = stream == null ? -1 : Translator.substream(request, stream);
    boolean throughStage1 = ssid >= 0 && ssid != Translator.NO_STAGE_1;
    context =
        throughStage1
            ? caches.contexts.lookup(ContextEntry.key(request.sourceId(), (int) ssid))
            : null;
    input =
        context == null
            ? request.iova()
            : context.untagged(request.iova(), context.isUpper(request.iova()));
    long found = 0;
    int tag = TagTree.NO_TAG;
    if (context != null) {
      int global = caches.tags.peek(context.globalKey);
      found = global == TagTree.NO_TAG ? 0 : caches.tlb.lookup(global, input);
      tag = caches.tags.peek(context.tagKey);
    } else if (stream != null && stream.stage2 && !throughStage1) {
      tag = caches.tags.peek(stream.tagKey);
    }
    if (tag != TagTree.NO_TAG) {
      long own = caches.tlb.lookup(tag, input);
      found = own != 0 ? own : found;
    }
    word = found;
    pointer = tag == TagTree.NO_TAG ? 0 : caches.walks.lookup(tag, input);
    answer = stream == null ? null : probe(translator, request, latched);
  }

  private static Answer probe(Translator translator, DmaRequest request, Latched latched) {
    DmaRequest copy = copy(request);
    return answer(copy, translator.probe(copy, latched));
  }

  /** The same question without an answer. */
  static DmaRequest copy(DmaRequest request) {
    return new DmaRequest()
        .set(
            request.sourceId(), request.pasid(), request.iova(), request.length(), request.access())
        .addressType(request.addressType())
        .privileged(request.isPrivileged())
        .atomic(request.isAtomic())
        .noWrite(request.isNoWrite())
        .noSnoop(request.isNoSnoop())
        .zeroLength(request.isZeroLength());
  }

  /** A packed answer or a verdict in neutral words. */
  static Answer answer(DmaRequest request, long result) {
    if (result >= 0) {
      return Answer.ok(Translation.address(result), Translation.spanLg2(result), request.rights());
    }
    int number = Verdict.number(result);
    if (Verdict.end(result) == Verdict.STALL) {
      return Answer.stalled(number);
    }
    return Verdict.isRecorded(result) ? Answer.fault(number) : Answer.blocked(number);
  }

  /** The outcome by way of the caches; null if they hold nothing of this stream. */
  Answer answer() {
    return answer;
  }

  /** Empty, or what is stale and the commands that would remove it. */
  String stale(Answer fromMemory, Story story) {
    if (answer == null || isSame(answer, fromMemory)) {
      return "";
    }
    List<String> causes = new ArrayList<>();
    int sid = (int) stream.key();
    if (story.stream() == null || !Arrays.equals(stream.words, story.stream().words)) {
      causes.add("cached STE, removed by CMD_CFGI_STE (StreamID 0x%x, Leaf 1)".formatted(sid));
    }
    boolean otherContext =
        context != null
            && (story.context() == null || !Arrays.equals(context.words, story.context().words));
    if (otherContext) {
      causes.add(
          "cached CD, removed by CMD_CFGI_CD (StreamID 0x%x, SubstreamID 0x%x, Leaf 1)"
              .formatted(sid, context.ssid));
    }
    if (word != 0) {
      causes.add("TLB entry (%s), removed by %s".formatted(held(), invalidation(true)));
    } else if (pointer != 0) {
      causes.add(
          "walk cache entry for the table at 0x%x, removed by %s"
              .formatted(CacheWord.address(pointer), invalidation(false)));
    } else if (causes.isEmpty() && stream.stage2 && stream.stage1) {
      causes.add(
          "translation of a stage-1 table, removed by CMD_TLBI_S12_VMALL (VMID 0x%x)"
              .formatted(stream.vmid));
    }
    return "STALE: " + (causes.isEmpty() ? "structures changed" : String.join("; ", causes));
  }

  private static boolean isSame(Answer one, Answer other) {
    return one.kind() == other.kind()
        && one.address() == other.address()
        && one.rights() == other.rights()
        && one.faultCode() == other.faultCode();
  }

  private String held() {
    return "block 0x%x, 2^%d bytes, rights %s"
        .formatted(
            CacheWord.address(word), caches.sizeLg2(word), Names.rights((int) word & Rights.ALL));
  }

  private String invalidation(boolean leaf) {
    long page = input & -(1L << 12);
    String range = "Addr 0x%x, Leaf %d".formatted(page, leaf ? 1 : 0);
    if (context == null) {
      return "CMD_TLBI_S2_IPA (VMID 0x%x, %s)".formatted(stream.vmid, range);
    }
    if (stream.world != StreamEntry.EL1) {
      return "CMD_TLBI_EL2_VA (ASID 0x%x, %s)".formatted(context.asid, range);
    }
    return "CMD_TLBI_NH_VA (VMID 0x%x, ASID 0x%x, %s)".formatted(stream.vmid, context.asid, range);
  }
}
