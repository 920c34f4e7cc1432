package org.ioasis.smmuv3.hardware;

import static org.ioasis.smmuv3.format.EventType.*;

import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Translation;
import org.ioasis.kit.cache.CacheWord;
import org.ioasis.kit.cache.TagTree;
import org.ioasis.smmuv3.format.EventType;
import org.ioasis.smmuv3.format.Ste;

/**
 * PCIe ATS: translation requests and translated transactions while SMMUEN=1. "ATS translation
 * requests", "ATS translated transactions".
 *
 * <p>CD.A, R, S and STE.S2S, S2R play no part in a translation request: a fault is a completion
 * with fewer rights or none. A completion without rights is a translation with rights 0.
 *
 * <p><b>Threading:</b> any thread; immutable.
 */
final class AtsTranslator {
  private final Capabilities can;
  private final Translator translator;

  AtsTranslator(Capabilities can, Translator translator) {
    this.can = can;
    this.translator = translator;
  }

  /** A translation, or a verdict. */
  long translate(DmaRequest request, StreamEntry ste, Latched latched, long epoch) {
    return request.addressType() == DmaRequest.AT_TRANSLATED
        ? translated(request, ste, latched, epoch)
        : requested(request, ste, latched, epoch);
  }

  /** Configuration errors of ATS are recorded on demand. */
  private static long quietly(long verdict, Latched latched) {
    boolean records = latched.recordsAtsErrors() && Verdict.isRecorded(verdict);
    return Verdict.ending(verdict, records ? Verdict.ABORT_RECORDED : Verdict.ABORT);
  }

  /** EATS in effect. */
  private static int eats(StreamEntry ste, Latched latched) {
    return ste.eats == Ste.EATS_SPLIT && !latched.atsCheck() ? Ste.EATS_NONE : ste.eats;
  }

  private long requested(DmaRequest request, StreamEntry ste, Latched latched, long epoch) {
    if (!can.ats()) {
      return Verdict.ending(Verdict.SILENT, Verdict.UNSUPPORTED);
    }
    if (ste.verdict != 0) {
      return quietly(ste.verdict, latched);
    }
    if (ste.config < Ste.CONFIG_BYPASS) {
      return Verdict.ending(Verdict.SILENT, Verdict.UNSUPPORTED);
    }
    int eats = eats(ste, latched);
    if (eats == Ste.EATS_NONE || ste.config == Ste.CONFIG_BYPASS) {
      return Verdict.ending(Verdict.of(F_BAD_ATS_TREQ), Verdict.UNSUPPORTED_RECORDED);
    }
    long ssid = Translator.substream(request, ste);
    if (ssid < 0) {
      return quietly(ssid, latched);
    }
    if (ssid == Translator.NO_STAGE_1) {
      return withoutStage1(request, ste, eats, latched, epoch);
    }
    ContextEntry cd = translator.context(ste, request.sourceId(), (int) ssid, epoch);
    if (cd.verdict != 0) {
      return fault(request, cd.verdict, latched);
    }
    return throughStage1(request, ste, cd, eats, latched, epoch);
  }

  /** A translation fault completes without rights, everything else with an abort. */
  private long fault(DmaRequest request, long verdict, Latched latched) {
    EventType type = Verdict.type(verdict);
    return type.isTranslationFault()
        ? complete(request, 0, can.smallestGranuleLg2(), 0)
        : quietly(Verdict.ending(verdict, Verdict.ABORT_RECORDED), latched);
  }

  private static long complete(DmaRequest request, long address, int lg2, int rights) {
    request.granted(rights);
    return Translation.of(address, lg2);
  }

  private long withoutStage1(
      DmaRequest request, StreamEntry ste, int eats, Latched latched, long epoch) {
    long ipa = request.iova();
    if (!ste.stage2) {
      if (ipa >>> can.oas() != 0) {
        return complete(request, 0, can.smallestGranuleLg2(), 0);
      }
      int rights = asked(request, Rights.ALL | CacheWord.DIRTY);
      return complete(request, ipa, can.smallestGranuleLg2(), rights);
    }
    if (ipa >>> can.ias() != 0) {
      return complete(request, 0, can.smallestGranuleLg2(), 0);
    }
    long word = stage2(request, ste, ipa, epoch);
    if (word < 0) {
      return fault(request, word, latched);
    }
    return answer(request, word, eats == Ste.EATS_SPLIT ? ipa : output(word, ipa));
  }

  private long throughStage1(
      DmaRequest request, StreamEntry ste, ContextEntry cd, int eats, Latched latched, long epoch) {
    long input = cd.untagged(request.iova(), cd.isUpper(request.iova()));
    int tag = epoch >= 0 ? translator.caches().tags.tag(cd.tagKey) : TagTree.NO_TAG;
    long word = translator.stage1(ste, cd, input, StageWalk.plan(0, tag), epoch);
    if (word < 0) {
      return fault(request, word, latched);
    }
    if (writes(request) && isWritableClean(request, word)) {
      int write = Rights.needed(DmaRequest.WRITE, request.isPrivileged());
      long marked = translator.stage1(ste, cd, input, StageWalk.plan(write, tag), epoch);
      word = marked < 0 ? word : marked;
    }
    word = Stage1Walk.withoutBlock(word);
    long ipa = output(word, input);
    if (!ste.stage2) {
      return answer(request, word, ipa);
    }
    long second = stage2(request, ste, ipa, epoch);
    if (second < 0) {
      return fault(request, second, latched);
    }
    int size = Math.min(CacheWord.size(word), CacheWord.size(second));
    int flags = (int) word & (int) second & (Rights.ALL | CacheWord.DIRTY);
    long both = CacheWord.of(0, size, flags);
    return answer(request, both, eats == Ste.EATS_SPLIT ? ipa : output(second, ipa));
  }

  /** Stage 2, presence first, then marked dirty if the request may write. */
  private long stage2(DmaRequest request, StreamEntry ste, long ipa, long epoch) {
    long word = translator.stage2(ste, ipa, StageWalk.plan(0, TagTree.NO_TAG), epoch);
    if (word >= 0 && writes(request) && isWritableClean(request, word)) {
      int write = Rights.needed(DmaRequest.WRITE, request.isPrivileged());
      long marked = translator.stage2(ste, ipa, StageWalk.plan(write, TagTree.NO_TAG), epoch);
      return marked < 0 ? word : marked;
    }
    return word;
  }

  /** NW=0 is as good as a write; NW=1 marks accesses only. */
  private static boolean writes(DmaRequest request) {
    return !request.isNoWrite();
  }

  private static boolean isWritableClean(DmaRequest request, long word) {
    int write = Rights.needed(DmaRequest.WRITE, request.isPrivileged());
    return (word & CacheWord.DIRTY) == 0 && ((int) word & write) != 0;
  }

  private long output(long word, long input) {
    int lg2 = translator.caches().sizeLg2(word);
    return CacheWord.address(word) | (input & ((1L << lg2) - 1));
  }

  private long answer(DmaRequest request, long word, long address) {
    int lg2 = translator.caches().sizeLg2(word);
    return complete(request, address, lg2, asked(request, (int) word));
  }

  /** The rights of a completion: execute only if asked for and readable; write only if settled. */
  private static int asked(DmaRequest request, int flags) {
    int rights = Rights.granted(flags, request.isPrivileged());
    boolean readable = (rights & DmaRequest.READ) != 0;
    boolean executes = (request.access() & DmaRequest.EXECUTE) != 0 && readable;
    boolean settled = (flags & CacheWord.DIRTY) != 0;
    int kept =
        rights
            & (DmaRequest.READ
                | (settled ? DmaRequest.WRITE : 0)
                | (executes ? DmaRequest.EXECUTE : 0));
    return kept == 0 ? 0 : kept | (rights & DmaRequest.PRIVILEGED_ONLY);
  }

  private long translated(DmaRequest request, StreamEntry ste, Latched latched, long epoch) {
    if (!latched.atsCheck()) {
      return passed(request);
    }
    if (ste.verdict != 0) {
      return quietly(ste.verdict, latched);
    }
    if (ste.config < Ste.CONFIG_BYPASS) {
      return Verdict.SILENT;
    }
    if (ste.eats == Ste.EATS_NONE || ste.config == Ste.CONFIG_BYPASS) {
      return Verdict.withAccess(Verdict.of(F_TRANSL_FORBIDDEN), false, false, !request.isWrite());
    }
    return ste.eats == Ste.EATS_SPLIT ? split(request, ste, epoch) : passed(request);
  }

  private long passed(DmaRequest request) {
    if (request.iova() >>> can.oas() != 0) {
      return Verdict.SILENT;
    }
    request.granted(DmaRequest.READ | DmaRequest.WRITE | DmaRequest.EXECUTE);
    return Translation.of(request.iova(), can.smallestGranuleLg2());
  }

  /** EATS=2: the address is an intermediate one. */
  private long split(DmaRequest request, StreamEntry ste, long epoch) {
    long ipa = request.iova();
    if (ipa >>> can.ias() != 0) {
      return Translator.withAccess(request, ste, Verdict.of(F_ADDR_SIZE));
    }
    boolean privileged = ste.privileged(request.isPrivileged());
    int needed = Rights.needed(Translator.access(request, ste), privileged);
    long word = translator.stage2(ste, ipa, StageWalk.plan(needed, TagTree.NO_TAG), epoch);
    if (word < 0) {
      return Translator.withAccess(request, ste, word);
    }
    request.granted(Rights.granted(word, privileged));
    return Translation.of(output(word, ipa), translator.caches().sizeLg2(word));
  }
}
