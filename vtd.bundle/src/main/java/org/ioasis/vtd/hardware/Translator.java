package org.ioasis.vtd.hardware;

import static org.ioasis.vtd.format.FaultReason.*;

import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Profile;
import org.ioasis.api.machine.Translation;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.kit.cache.CacheWord;
import org.ioasis.kit.cache.ConfigurationCache;
import org.ioasis.kit.cache.InvalidationEpoch;
import org.ioasis.kit.cache.RequesterMemo;
import org.ioasis.kit.cache.TagMemo;
import org.ioasis.kit.cache.TagTree;
import org.ioasis.kit.cache.TaggedCache;
import org.ioasis.vtd.format.AddressBits;
import org.ioasis.vtd.format.FaultReason;

/**
 * Translates DMA: configuration from its caches, then the IOTLB, then the hand-specialised walk of
 * the tables' format. A translation that finds its configuration cached allocates nothing; none
 * takes a lock. VT-d, "DMA Remapping".
 *
 * <p>Interrupt requests and requests while translation is off are not for this class.
 *
 * <p>A hit that does not allow the request, and a fault below a cached leaf table, are walked again
 * from the top without caches, so that what is recorded is what memory says. Requests of
 * supervisors, execute requests and translation requests are always walked from the top and leave
 * nothing in the IOTLB, which holds what plain reads and writes of users may do.
 *
 * <p><b>Threading:</b> any thread.
 */
final class Translator {
  /** Instead of an answer: the IOTLB has none. */
  static final long MISS = -1;

  private static final int MEMO_SLOTS = 256;

  private final Capabilities capabilities;
  private final TranslationCaches caches;
  private final ConfigurationCache<Context> contexts;
  private final ConfigurationCache<Target> pasids;
  private final TagTree tags;
  private final TaggedCache iotlb;
  private final TagMemo memo;
  private final RequesterMemo<Target> requesters = new RequesterMemo<>(MEMO_SLOTS);
  private final ConfigurationReader reader;
  private final boolean zeroLengthRead;
  private final TranslationCompletions completions;
  private final boolean keepsRefusals;

  /**
   * A translator with empty caches.
   *
   * @param memory where the structures lie
   * @param capabilities what the unit can do
   * @param profile states the geometry of the caches, see {@link CacheGeometry}
   */
  Translator(PhysicalMemory memory, Capabilities capabilities, Profile profile) {
    this(memory, capabilities, CacheGeometry.of(profile));
  }

  Translator(PhysicalMemory memory, Capabilities capabilities, CacheGeometry geometry) {
    this.capabilities = capabilities;
    this.caches = new TranslationCaches(geometry, capabilities.cachingMode());
    this.contexts = caches.contexts;
    this.pasids = caches.pasids;
    this.tags = caches.tags;
    this.iotlb = caches.iotlb;
    this.memo = new TagMemo(MEMO_SLOTS, tags, iotlb);
    this.reader = new ConfigurationReader(memory, capabilities, caches.walks);
    this.zeroLengthRead = capabilities.zeroLengthRead();
    this.completions = new TranslationCompletions(capabilities);
    this.keepsRefusals = caches.keepsRefusals();
  }

  /** The caches, for invalidations. */
  TranslationCaches caches() {
    return caches;
  }

  /**
   * Translates with all effects.
   *
   * @param latched the mode and root table that hold for the whole request
   * @return a packed {@link Translation}; FAULT if the refusal in the request is to be recorded,
   *     ABORTED if it is not
   */
  long translate(DmaRequest request, Latched latched) {
    long answer = known(request);
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
   * The answer to an ordinary request of a known requester from the IOTLB, {@link #MISS} if
   * anything is else. What is latched has not changed since the requester became known, or it would
   * not be known any more. Kept small, so that all of it becomes one piece of machine code.
   */
  long hit(DmaRequest request) {
    long word = memo.hit(request, request.access());
    return word != 0 ? grant(request, request.iova(), word) : MISS;
  }

  /** The answer to a request of a known requester, {@link #MISS} if it needs {@link #walk}. */
  long known(DmaRequest request) {
    long hit = hit(request);
    return hit != MISS ? hit : knownWalk(request);
  }

  /**
   * The answer to an ordinary request of a known requester from its tables, with all effects;
   * {@link #MISS} if anything is else, and for every fault: {@link #walk} then finds it again, with
   * what is to be recorded.
   */
  private long knownWalk(DmaRequest request) {
    if (!request.isOrdinary() || (request.access() & Access.EXECUTE) != 0) {
      return MISS;
    }
    long epoch = caches.epoch.current(); // before the version: see RequesterMemo
    RequesterMemo.Known<Target> known = requesters.find(request.requester());
    if (known == null) {
      return MISS;
    }
    long version = tags.version();
    int tag = known.tag(version);
    return tag != TagTree.NO_TAG ? knownWalk(request, known.tables(), tag, epoch, version) : MISS;
  }

  private long knownWalk(DmaRequest request, Target target, int tag, long epoch, long version) {
    int needed = request.access() & (Access.READ | Access.WRITE);
    long input = request.iova();
    int plan = StageWalk.plan(needed, tag);
    long word = fromLeafTable(target, input, plan, epoch);
    if (word != 0 && allows(word, needed) && tags.version() == version) {
      return grant(request, input, word);
    }
    long answer = fromTop(request, target, plan, epoch);
    return Translation.isPresent(answer) ? answer : MISS;
  }

  /**
   * The context-entry under which a request without PASID was walked in scalable mode. For fault
   * records, after a walk that failed.
   *
   * @return null if the entry is gone by now
   */
  Context requester(DmaRequest request, Latched latched) {
    Context context = contexts.lookup(Context.key(request.sourceId(), Latched.TTM_SCALABLE));
    if (context == null) {
      DmaRequest again = new DmaRequest();
      again.set(request.sourceId(), DmaRequest.NO_PASID, request.iova(), 4, DmaRequest.READ);
      context = reader.scalableContext(again, latched.rootTable());
    }
    return context;
  }

  private long translate(DmaRequest request, Latched latched, long epoch, long version) {
    int mode = latched.ttm();
    if (mode == Latched.TTM_LEGACY) {
      return legacy(request, latched.rootTable(), epoch, version);
    }
    if (mode == Latched.TTM_SCALABLE && capabilities.scalable()) {
      return scalable(request, latched.rootTable(), epoch, version);
    }
    if (mode == Latched.TTM_ABORT && capabilities.abortDma()) {
      request.refused(0);
      return Translation.none(Translation.Refusal.ABORTED);
    }
    return refuse(request, RTA_1.code, false);
  }

  private long legacy(DmaRequest request, long rootTable, long epoch, long version) {
    if (request.hasPasid() && request.addressType() != DmaRequest.AT_TRANSLATED) {
      return refuse(request, RTA_2.code, false);
    }
    Context context = context(request, Latched.TTM_LEGACY, rootTable, epoch);
    if (context == null) {
      return refused(request);
    }
    boolean quiet = context.faultProcessingDisabled;
    if (request.addressType() != DmaRequest.AT_UNTRANSLATED) {
      if (!context.deviceTlb) {
        return refuse(request, LCT_5.code, quiet);
      }
      return request.addressType() == DmaRequest.AT_TRANSLATED
          ? translated(request, LGN_1, LGN_4, quiet)
          : completions.complete(request, context.target, false, epoch, quiet);
    }
    Target target = context.target;
    return target.walk == null
        ? passThrough(request, target, quiet, false)
        : qualify(request, throughTables(request, target, false, epoch, version), quiet);
  }

  /** The context-entry of a request; null if the request has been refused. */
  private Context context(DmaRequest request, int mode, long rootTable, long epoch) {
    long key = Context.key(request.sourceId(), mode);
    Context context = contexts.lookup(key);
    if (context == null) {
      context =
          mode == Latched.TTM_LEGACY
              ? reader.legacyContext(request, rootTable)
              : reader.scalableContext(request, rootTable);
      if (epoch >= 0 && (context != null || keepsRefusals)) {
        contexts.fill(epoch, context != null ? context : new Context(key, request.faultCode()));
      }
    } else if (context.refusal != 0) {
      request.refused(context.refusal);
      return null;
    }
    return context;
  }

  /**
   * The reason for which a PASID, or its absence, is not served under a context-entry; 0 if it is.
   */
  private static int pasidFault(DmaRequest request, Context context) {
    if (!request.hasPasid()) {
      return context.ridPasid >= context.pasidEnd ? SCT_9.code : 0;
    }
    if (!context.pasidEnabled) {
      return SCT_6.code;
    }
    return request.pasid() >= context.pasidEnd ? SCT_7.code : 0;
  }

  private long scalable(DmaRequest request, long rootTable, long epoch, long version) {
    Context context = context(request, Latched.TTM_SCALABLE, rootTable, epoch);
    if (context == null) {
      return refused(request);
    }
    boolean quiet = context.faultProcessingDisabled;
    boolean untranslated = request.addressType() == DmaRequest.AT_UNTRANSLATED;
    if (!untranslated && !context.deviceTlb) {
      return refuse(request, SCT_5.code, quiet);
    }
    int fault = pasidFault(request, context);
    if (fault != 0) {
      return refuse(request, fault, quiet);
    }
    if (request.addressType() == DmaRequest.AT_TRANSLATED) {
      return translated(request, SGN_4, SGN_8, quiet);
    }
    Target target = target(request, context, epoch);
    if (target == null) {
      return refused(request);
    }
    quiet |= target.faultProcessingDisabled;
    if ((request.access() & DmaRequest.EXECUTE) != 0 && !target.executes) {
      return refuse(request, SPT_5.code, quiet);
    }
    boolean privileged = request.hasPasid() ? request.isPrivileged() : context.ridPrivileged;
    if (privileged && !target.supervises) {
      return refuse(request, SPT_6.code, quiet);
    }
    if (!untranslated) {
      return completions.complete(request, target, privileged, epoch, quiet);
    }
    if (target.walk == null) {
      return passThrough(request, target, quiet, true);
    }
    long answer = throughTables(request, target, privileged, epoch, version);
    return qualify(request, answer, quiet);
  }

  private long throughTables(
      DmaRequest request, Target target, boolean privileged, long epoch, long version) {
    boolean plain = !privileged && (request.access() & DmaRequest.EXECUTE) == 0;
    return plain
        ? translate(request, target, epoch, version)
        : walked(request, target, privileged, epoch);
  }

  private Target target(DmaRequest request, Context context, long epoch) {
    int pasid = request.hasPasid() ? request.pasid() : context.ridPasid;
    long key = Target.pasidKey(request.sourceId(), pasid);
    Target target = pasids.lookup(key);
    if (target == null) {
      target = reader.target(request, context, pasid);
      if (epoch >= 0 && (target != null || keepsRefusals)) {
        pasids.fill(epoch, target != null ? target : new Target(key, pasid, request.faultCode()));
      }
    } else if (target.refusal != 0) {
      request.refused(target.refusal);
      return null;
    }
    return target;
  }

  /** A request of a supervisor, or to execute: from the top, and past the IOTLB. */
  private long walked(DmaRequest request, Target target, boolean privileged, long epoch) {
    int needed = Access.needed(request, zeroLengthRead);
    int plan = StageWalk.plan(privileged ? needed | StageWalk.PRIVILEGED : needed, TagTree.NO_TAG);
    long answer = fromTop(request, target, plan, epoch);
    if (Translation.isPresent(answer)) {
      request.granted(request.rights() | (needed & Access.EXECUTE));
    }
    return answer;
  }

  /**
   * A translated request: its address is a host physical one, and only its range is checked.
   *
   * @param beyond fault of an address beyond the host width
   * @param interrupt fault of an address in the interrupt range
   */
  private long translated(
      DmaRequest request, FaultReason beyond, FaultReason interrupt, boolean quiet) {
    long address = request.iova();
    if ((address & ~capabilities.addressMask()) != 0) {
      return refuse(request, beyond.code, quiet);
    }
    if (AddressBits.isInterrupt(address)) {
      return refuse(request, interrupt.code, quiet);
    }
    request.granted(request.access() & CacheWord.RIGHTS);
    return Translation.of(address, Access.TRANSLATED_LG2);
  }

  /**
   * Whether a page request may be queued, and if so, drops what is cached of its page. VT-d, "Page
   * Request Handling".
   *
   * @return a packed {@link Translation}; present if it may
   */
  long pageRequest(DmaRequest request, Latched latched) {
    long epoch = caches.epoch.current();
    if (latched.ttm() == Latched.TTM_LEGACY) {
      return refuse(request, RTA_3.code, false);
    }
    if (latched.ttm() != Latched.TTM_SCALABLE) {
      return translate(request, latched, epoch, tags.version());
    }
    Context context = context(request, Latched.TTM_SCALABLE, latched.rootTable(), epoch);
    if (context == null) {
      return refused(request);
    }
    boolean quiet = context.faultProcessingDisabled;
    int fault = context.pageRequests ? pasidFault(request, context) : SCT_8.code;
    if (fault != 0) {
      return refuse(request, fault, quiet);
    }
    Target target = target(request, context, epoch);
    if (target != null) {
      caches.dropPage(target.tagKey, request.iova());
    }
    request.granted(0);
    return Translation.of(request.iova(), AddressBits.PAGE_LG2);
  }

  /** What a fault becomes under the FPD bits of the entries that led to the tables. */
  private static long qualify(DmaRequest request, long answer, boolean quiet) {
    return quiet && !Translation.isPresent(answer)
        ? refuse(request, request.faultCode(), true)
        : answer;
  }

  private long passThrough(DmaRequest request, Target target, boolean quiet, boolean scalable) {
    long address = request.iova();
    if (target.width < 64 && address >>> target.width != 0) {
      return refuse(request, scalable ? SGN_4.code : LGN_1.code, quiet);
    }
    if (scalable && AddressBits.isInterrupt(address)) {
      return refuse(request, SGN_8.code, quiet);
    }
    request.granted(Access.READ | Access.WRITE);
    return Translation.of(address, Access.identitySpan(address));
  }

  /** IOTLB, then leaf table, then whole walk. */
  private long translate(DmaRequest request, Target target, long epoch, long version) {
    int needed = Access.needed(request, zeroLengthRead);
    long input = request.iova();
    int tag = epoch >= 0 ? tags.tag(target.tagKey) : tags.peek(target.tagKey);
    boolean keeps = keepsRefusals && tag != TagTree.NO_TAG && target.walk.keepsRefusals();
    if (tag != TagTree.NO_TAG) {
      if (epoch >= 0 && request.isOrdinary() && !keepsRefusals) {
        requesters.remember(request.requester(), version, target, tag);
      }
      // What was remembered before, hit() has tried.
      boolean untried =
          epoch < 0 || !request.isOrdinary() || memo.remember(request.requester(), version, tag);
      long word = untried ? iotlb.lookup(tag, input) : 0;
      int refusal = keeps && !allows(word, needed) ? caches.refusal(tag, input, needed) : 0;
      if (refusal != 0) {
        return refuse(request, refusal, false);
      }
      if (word == 0) {
        word = fromLeafTable(target, input, StageWalk.plan(needed, tag), epoch);
      }
      if (word != 0 && allows(word, needed) && tags.version() == version) {
        return grant(request, input, word);
      }
    }
    long answer = fromTop(request, target, StageWalk.plan(needed, tag), epoch);
    if (keeps && epoch >= 0 && !Translation.isPresent(answer)) {
      caches.fillRefusal(epoch, tag, input, needed, request.faultCode());
    }
    return answer;
  }

  private static boolean allows(long word, int needed) {
    int wanted = (needed & Access.WRITE) != 0 ? needed | CacheWord.DIRTY : needed;
    return CacheWord.has(word, wanted);
  }

  /**
   * The word by way of a cached leaf table; 0 if there is none or the walk must start at the top.
   */
  private long fromLeafTable(Target target, long input, int plan, long epoch) {
    int tag = StageWalk.tag(plan);
    long pointer = target.walk.cachedLeafTable(tag, input);
    if (pointer == 0 || !CacheWord.has(pointer, StageWalk.needed(plan))) {
      return 0;
    }
    long word = target.walk.walkLeafTable(pointer, input, plan, epoch);
    if (word < 0 || AddressBits.isInterrupt(CacheWord.address(word))) {
      return 0;
    }
    if (epoch >= 0) {
      iotlb.fill(epoch, tag, input, word);
    }
    return word;
  }

  private long fromTop(DmaRequest request, Target target, int plan, long epoch) {
    long input = request.iova();
    long word = target.walk.walk(target, input, plan, epoch);
    if (word < 0) {
      return refuse(request, (int) -word, false);
    }
    int lg2 = StageWalk.sizeLg2(word);
    long output = CacheWord.address(word) | (input & (1L << lg2) - 1);
    if (AddressBits.isInterrupt(output)) {
      return refuse(request, target.walk.interruptRange(), false);
    }
    if (Access.clamp(input, output, lg2) != lg2) {
      word = asSmallPage(word, output); // part of the page is not translated as this part is
    }
    int tag = StageWalk.tag(plan);
    if (tag != TagTree.NO_TAG && epoch >= 0) {
      iotlb.fill(epoch, tag, input, word);
    }
    return grant(request, input, word);
  }

  static long asSmallPage(long word, long output) {
    int flags = (int) word & (CacheWord.RIGHTS | CacheWord.DIRTY | CacheWord.SNOOP);
    return CacheWord.of(output, StageWalk.SIZE_4K, flags);
  }

  private static long grant(DmaRequest request, long input, long word) {
    int lg2 = StageWalk.sizeLg2(word);
    request.granted((int) word & CacheWord.RIGHTS);
    return Translation.of(CacheWord.address(word) | (input & (1L << lg2) - 1), lg2);
  }

  /** Refuses with a reason; FPD may suppress the record. */
  static long refuse(DmaRequest request, int code, boolean quiet) {
    request.refused(code);
    return Translation.none(
        Access.isSuppressed(code, quiet) ? Translation.Refusal.ABORTED : Translation.Refusal.FAULT);
  }

  /** The answer to what the reader put into the request. */
  private static long refused(DmaRequest request) {
    int code = request.faultCode();
    request.refused(code & ~Access.SUPPRESSED);
    return Translation.none(
        (code & Access.SUPPRESSED) != 0 ? Translation.Refusal.ABORTED : Translation.Refusal.FAULT);
  }
}
