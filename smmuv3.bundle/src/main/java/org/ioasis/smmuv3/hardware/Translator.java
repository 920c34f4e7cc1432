package org.ioasis.smmuv3.hardware;

import static org.ioasis.smmuv3.format.EventType.*;

import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Translation;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.kit.cache.CacheWord;
import org.ioasis.kit.cache.InvalidationEpoch;
import org.ioasis.kit.cache.TagMemo;
import org.ioasis.kit.cache.TagTree;
import org.ioasis.kit.cache.TaggedCache;
import org.ioasis.smmuv3.format.Gbpa;
import org.ioasis.smmuv3.format.Ste;

/**
 * Translates ordinary transactions: configuration from its caches, then the TLB, then the walks.
 * "Translation of transactions", "Order of checks". A transaction that finds its configuration
 * cached allocates nothing; none takes a lock.
 *
 * <p>A hit that does not allow the access, and whatever a cached table leads to that is no
 * translation, is walked again from the top, so that what is recorded is what memory says.
 *
 * <p><b>Threading:</b> any thread.
 */
final class Translator {
  /** log2 of the span that a bypassed transaction is told. */
  private static final int BYPASS_LG2 = 30;

  private static final int PAGE_LG2 = 12;

  /** Uppermost bit of an address in an answer: never RAM, never an interrupt. */
  private static final long BEYOND = 1L << 55;

  /** Instead of an answer: the TLB has none. No verdict has all bits set. */
  static final long MISS = -1;

  private static final int MEMO_SLOTS = 256;

  private final Capabilities can;
  private final TranslationCaches caches;
  private final TagTree tags;
  private final TaggedCache tlb;
  private final TagMemo memo;
  private final ConfigurationReader reader;
  private final Stage1Walk stage1;
  private final Stage2Walk stage2;
  private final AtsTranslator ats;

  /** A translator with empty caches. */
  Translator(PhysicalMemory memory, Capabilities can, CacheGeometry geometry) {
    this(memory, can, new TranslationCaches(geometry));
  }

  /** A translator with these caches. */
  Translator(PhysicalMemory memory, Capabilities can, TranslationCaches caches) {
    this.can = can;
    this.caches = caches;
    this.tags = caches.tags;
    this.tlb = caches.tlb;
    this.memo = new TagMemo(MEMO_SLOTS, tags, tlb);
    this.stage2 = new Stage2Walk(memory, caches, can);
    this.stage1 = new Stage1Walk(memory, caches, stage2);
    this.reader = new ConfigurationReader(memory, can, stage2);
    this.ats = new AtsTranslator(can, this);
  }

  TranslationCaches caches() {
    return caches;
  }

  /**
   * Translates with all effects on caches and tables.
   *
   * @return a packed {@link Translation}, or a {@link Verdict}
   */
  long translate(DmaRequest request, Latched latched) {
    long answer = hit(request);
    return answer != MISS ? answer : walk(request, latched, tags.version());
  }

  /** The same answer, from caches first, without any effect. */
  long probe(DmaRequest request, Latched latched) {
    long answer = hit(request);
    return answer != MISS
        ? answer
        : translate(request, latched, InvalidationEpoch.NO_FILL, tags.version());
  }

  /**
   * The answer to what {@link #hit} misses, with all effects.
   *
   * @param version {@link #version()} from before {@code latched} was read
   */
  long walk(DmaRequest request, Latched latched, long version) {
    return translate(request, latched, caches.epoch.current(), version);
  }

  /** Changes with whatever a hit rests on: latched state, configuration, tags. */
  long version() {
    return tags.version();
  }

  /**
   * The answer to an ordinary request of a known stream from the TLB, {@link #MISS} if anything is
   * else. What is latched has not changed since the stream became known, or it would not be known
   * any more. Kept small, so that all of it becomes one piece of machine code.
   */
  long hit(DmaRequest request) {
    long word = memo.hit(request, request.access() & Rights.UNPRIVILEGED);
    return word != 0 ? grant(request, request.iova(), word, false) : MISS;
  }

  private long translate(DmaRequest request, Latched latched, long epoch, long version) {
    if (!latched.enabled()) {
      return disabled(request, latched);
    }
    StreamEntry ste = stream(request.sourceId(), latched, epoch);
    if (request.addressType() != DmaRequest.AT_UNTRANSLATED) {
      return ats.translate(request, ste, latched, epoch);
    }
    if (ste.verdict != 0) {
      return ste.verdict;
    }
    if (ste.config < Ste.CONFIG_BYPASS) {
      return Verdict.SILENT;
    }
    long result = configured(request, ste, epoch, version);
    return result >= 0 ? result : withAccess(request, ste, result);
  }

  /** SMMUEN=0. "SMMU disabled global bypass". */
  private long disabled(DmaRequest request, Latched latched) {
    return switch (request.addressType()) {
      case DmaRequest.AT_TRANSLATION_REQUEST ->
          Verdict.ending(Verdict.of(F_BAD_ATS_TREQ), Verdict.UNSUPPORTED_RECORDED);
      case DmaRequest.AT_TRANSLATED ->
          Verdict.withAccess(Verdict.of(F_TRANSL_FORBIDDEN), false, false, !request.isWrite());
      default -> Gbpa.ABORT.isSet(latched.gbpa()) ? Verdict.SILENT : passed(request);
    };
  }

  /**
   * An address beyond OAS goes out too, to where nothing is, and ends there without an event. One
   * that an answer cannot hold is marked, so that it does not become another.
   */
  private long passed(DmaRequest request) {
    long address = request.iova();
    if (!isBeyond(address, can.oas())) {
      return identity(request);
    }
    request.granted(DmaRequest.READ | DmaRequest.WRITE | DmaRequest.EXECUTE);
    boolean whole = (address & ~Translation.ADDRESS_MASK) == 0;
    return Translation.ofNotRam(whole ? address : address | BEYOND, PAGE_LG2);
  }

  private static boolean isBeyond(long address, int bits) {
    return address >>> bits != 0;
  }

  private static long identity(DmaRequest request) {
    request.granted(DmaRequest.READ | DmaRequest.WRITE | DmaRequest.EXECUTE);
    return Translation.of(request.iova(), BYPASS_LG2);
  }

  /** The STE, cached or read. */
  StreamEntry stream(int sid, Latched latched, long epoch) {
    StreamEntry ste = caches.streams.lookup(StreamEntry.key(sid));
    if (ste == null) {
      ste = reader.stream(sid, latched);
      if (ste.verdict == 0 && epoch >= 0) {
        caches.streams.fill(epoch, ste);
      }
    }
    return ste;
  }

  /** The CD, cached or read. */
  ContextEntry context(StreamEntry ste, int sid, int ssid, long epoch) {
    ContextEntry cd = caches.contexts.lookup(ContextEntry.key(sid, ssid));
    if (cd == null) {
      cd = reader.context(ste, sid, ssid, epoch);
      if (cd.verdict == 0 && epoch >= 0) {
        caches.contexts.fill(epoch, cd);
      }
    }
    return cd;
  }

  /**
   * Which CD a transaction uses.
   *
   * @return 0 or more: the SubstreamID; {@link #NO_STAGE_1}; or a verdict
   */
  static long substream(DmaRequest request, StreamEntry ste) {
    if (!ste.stage1) {
      return request.hasPasid() ? Verdict.of(C_BAD_SUBSTREAMID) : NO_STAGE_1;
    }
    if (request.hasPasid()) {
      int ssid = request.pasid();
      boolean bad =
          ste.contextBits == 0
              || ssid >>> ste.contextBits != 0
              || (ssid == 0 && ste.s1dss == Ste.S1DSS_SSID0);
      return bad ? Verdict.of(C_BAD_SUBSTREAMID) : ssid;
    }
    if (ste.contextBits == 0 || ste.s1dss == Ste.S1DSS_SSID0) {
      return 0;
    }
    return ste.s1dss == Ste.S1DSS_BYPASS ? NO_STAGE_1 : Verdict.of(F_STREAM_DISABLED);
  }

  /** Instead of a SubstreamID: stage 1 is not enabled or passed by. */
  static final long NO_STAGE_1 = Integer.MAX_VALUE;

  private long configured(DmaRequest request, StreamEntry ste, long epoch, long version) {
    long ssid = substream(request, ste);
    if (ssid < 0) {
      return ssid;
    }
    if (ssid == NO_STAGE_1) {
      return ste.stage2 ? stage2Only(request, ste, epoch, version) : bypass(request);
    }
    ContextEntry cd = context(ste, request.sourceId(), (int) ssid, epoch);
    if (cd.verdict != 0) {
      return cd.verdict;
    }
    return throughStage1(request, ste, cd, epoch, version);
  }

  private long bypass(DmaRequest request) {
    return isBeyond(request.iova(), can.oas()) ? Verdict.of(F_ADDR_SIZE) : identity(request);
  }

  private long stage2Only(DmaRequest request, StreamEntry ste, long epoch, long version) {
    long ipa = request.iova();
    if (isBeyond(ipa, can.ias())) {
      return Verdict.of(F_ADDR_SIZE);
    }
    int tag = stage2.tagOf(ste, epoch);
    remember(request, ste, tag, epoch, version);
    boolean privileged = ste.privileged(request.isPrivileged());
    long plan = StageWalk.plan(Rights.needed(access(request, ste), privileged), tag);
    long word = stage2.translate(ste, ipa, StageWalk.withOrigin(plan, Verdict.STAGE_2), epoch);
    return word < 0 ? ste.faultOfStage2(word) : grant(request, ipa, word, privileged);
  }

  private void remember(DmaRequest request, StreamEntry ste, int tag, long epoch, long version) {
    if (epoch >= 0 && tag != TagTree.NO_TAG && !ste.overrides()) {
      memo.remember(request.requester(), version, tag);
    }
  }

  private long throughStage1(
      DmaRequest request, StreamEntry ste, ContextEntry cd, long epoch, long version) {
    boolean upper = cd.isUpper(request.iova());
    long input = cd.untagged(request.iova(), upper);
    boolean privileged = ste.privileged(request.isPrivileged());
    int needed = Rights.needed(access(request, ste), privileged);
    int tag = epoch >= 0 ? tags.tag(cd.tagKey) : tags.peek(cd.tagKey);
    if (cd.isInRange(input, upper) && tag != TagTree.NO_TAG) {
      remember(request, ste, tag, epoch, version);
      long word = tlb.lookup(tag, input);
      if (word == 0) {
        int global = tags.peek(cd.globalKey);
        word = global == TagTree.NO_TAG ? 0 : tlb.lookup(global, input);
      }
      if (word != 0
          && StageWalk.allows(word, needed)
          && StageWalk.isSettled(word, needed)
          && tags.version() == version) {
        return grant(request, input, word, privileged);
      }
    }
    long word = walk(ste, cd, input, StageWalk.plan(needed, tag), epoch);
    return word < 0 ? word : grant(request, input, word, privileged);
  }

  /**
   * Both stages from tables, and the fill of the TLB.
   *
   * @return a word, or a verdict with its end
   */
  long walk(StreamEntry ste, ContextEntry cd, long input, long plan, long epoch) {
    long first = stage1(ste, cd, input, plan, epoch);
    if (first < 0) {
      return first;
    }
    int blockLg2 = Stage1Walk.blockLg2(first);
    long word = Stage1Walk.withoutBlock(first);
    int kind = (int) word & Rights.GLOBAL;
    if (ste.stage2) {
      long ipa = CacheWord.address(word) | (input & ((1L << caches.sizeLg2(word)) - 1));
      word = combine(word, stage2(ste, ipa, plan, epoch), ipa);
      if (word < 0) {
        return word;
      }
    }
    int tag = StageWalk.tag(plan);
    if (tag != TagTree.NO_TAG && epoch >= 0 && (word & CacheWord.VALID) != 0) {
      caches.fill(epoch, kind == 0 ? tag : tags.tag(cd.globalKey), input, word, blockLg2);
    }
    return word;
  }

  /** Stage 1 of an address as it came in, untagged. */
  long stage1(StreamEntry ste, ContextEntry cd, long input, long plan, long epoch) {
    boolean upper = cd.isUpper(input);
    if (!cd.isInRange(input, upper) || cd.tables(upper).disabled) {
      return cd.faultOfStage1(Verdict.of(F_TRANSLATION));
    }
    long word = stage1.translate(ste, cd, input, plan, epoch);
    if (word >= 0) {
      return word;
    }
    return Verdict.isStage2(word) ? ste.faultOfStage2(word) : cd.faultOfStage1(word);
  }

  /** Stage 2 of what stage 1 put out. */
  long stage2(StreamEntry ste, long ipa, long plan, long epoch) {
    long own = StageWalk.plan(StageWalk.needed(plan), stage2.tagOf(ste, epoch));
    long word = stage2.translate(ste, ipa, StageWalk.withOrigin(own, Verdict.STAGE_2), epoch);
    return word < 0 ? ste.faultOfStage2(word) : word;
  }

  /** Both stages in one word: the smaller block, the rights that both give. */
  private long combine(long first, long second, long ipa) {
    if (second < 0) {
      return second;
    }
    int size = Math.min(CacheWord.size(first), CacheWord.size(second));
    int both = Rights.ALL | CacheWord.DIRTY | CacheWord.VALID;
    int flags = (int) first & (int) second & both;
    int secondLg2 = caches.sizeLg2(second);
    long address = CacheWord.address(second) | (ipa & ((1L << secondLg2) - 1));
    long word = CacheWord.of(address & -(1L << tlb.sizeLg2Of(size)), size, flags);
    return (flags & CacheWord.VALID) != 0 ? word : word & ~CacheWord.VALID;
  }

  /** Access bits after the overrides: writes are always data. */
  static int access(DmaRequest request, StreamEntry ste) {
    int access = request.access();
    if ((access & DmaRequest.WRITE) != 0) {
      return access & ~DmaRequest.EXECUTE;
    }
    boolean incoming = (access & DmaRequest.EXECUTE) != 0;
    boolean instruction = ste.instruction(incoming);
    if (instruction == incoming) {
      return access;
    }
    return instruction ? DmaRequest.EXECUTE : DmaRequest.READ;
  }

  /** PnU, InD and RnW of a record. */
  static long withAccess(DmaRequest request, StreamEntry ste, long verdict) {
    return Verdict.withAccess(
        verdict,
        ste.privileged(request.isPrivileged()),
        !request.isWrite() && (access(request, ste) & DmaRequest.EXECUTE) != 0,
        !request.isWrite());
  }

  private long grant(DmaRequest request, long input, long word, boolean privileged) {
    int lg2 = tlb.sizeLg2(word);
    request.granted(Rights.granted(word, privileged));
    return Translation.of(CacheWord.address(word) | (input & ((1L << lg2) - 1)), lg2);
  }
}
