package org.ioasis.vtd.hardware;

import static org.ioasis.vtd.format.FaultReason.*;

import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Profile;
import org.ioasis.api.machine.Translation;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.kit.cache.CacheWord;
import org.ioasis.kit.cache.ConfigurationCache;
import org.ioasis.kit.cache.InvalidationEpoch;
import org.ioasis.kit.cache.TagMemo;
import org.ioasis.kit.cache.TagTree;
import org.ioasis.kit.cache.TaggedCache;
import org.ioasis.vtd.format.AddressBits;

/**
 * Translates DMA: configuration from its caches, then the IOTLB, then the hand-specialised walk of
 * the tables' format. A translation that finds its configuration cached allocates nothing; none
 * takes a lock. VT-d, "DMA Remapping".
 *
 * <p>Interrupt requests and requests while translation is off are not for this class.
 *
 * <p>A hit that does not allow the request, and a fault below a cached leaf table, are walked again
 * from the top without caches, so that what is recorded is what memory says.
 *
 * <p><b>Threading:</b> any thread.
 */
final class Translator {
  /** From WRITE to CacheWord.DIRTY: a write hits only where nothing is to be marked. */
  private static final int DIRTY_IF_WRITE = 3;

  private static final int MEMO_SLOTS = 256;

  private final Capabilities capabilities;
  private final TranslationCaches caches;
  private final ConfigurationCache<Context> contexts;
  private final ConfigurationCache<Target> pasids;
  private final TagTree tags;
  private final TaggedCache iotlb;
  private final TagMemo memo;
  private final ConfigurationReader reader;
  private final boolean zeroLengthRead;

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
    this.caches = new TranslationCaches(geometry);
    this.contexts = caches.contexts;
    this.pasids = caches.pasids;
    this.tags = caches.tags;
    this.iotlb = caches.iotlb;
    this.memo = new TagMemo(MEMO_SLOTS);
    this.reader = new ConfigurationReader(memory, capabilities, caches.walks);
    this.zeroLengthRead = capabilities.zeroLengthRead();
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
    long word = hit(request, latched.ttm());
    return word != 0
        ? grant(request, request.iova(), word)
        : translate(request, latched, caches.epoch.current());
  }

  /** The same answer, from caches first, without any effect. */
  long probe(DmaRequest request, Latched latched) {
    long word = hit(request, latched.ttm());
    return word != 0
        ? grant(request, request.iova(), word)
        : translate(request, latched, InvalidationEpoch.NO_FILL);
  }

  /** The IOTLB&#39;s word for a plain request of a known requester; 0 if anything is else. */
  private long hit(DmaRequest request, int mode) {
    long version = tags.version();
    int tag = memo.tag(requester(request, mode), version);
    if (tag == TagTree.NO_TAG
        || request.addressType() != DmaRequest.AT_UNTRANSLATED
        || request.isPrivileged()) {
      return 0;
    }
    long word = iotlb.lookup(tag, request.iova());
    int needed = request.access();
    int wanted = needed | (needed & Access.WRITE) << DIRTY_IF_WRITE;
    return CacheWord.has(word, wanted) && tags.version() == version ? word : 0;
  }

  /** 37 mode, 36:21 source id, 20:0 PASID + 1. */
  private static long requester(DmaRequest request, int mode) {
    return (long) (mode << 16 | (request.sourceId() & 0xFFFF)) << 21 | request.pasid() + 1;
  }

  /**
   * The PASID under which a request without PASID was walked in scalable mode: RID_PASID of its
   * context entry. For fault records, after a walk that failed.
   *
   * @return 0 if the unit has no RID_PASID, or the entry is gone by now
   */
  int ridPasid(DmaRequest request, Latched latched) {
    if (!capabilities.ridPasid()) {
      return 0;
    }
    Context context = caches.contexts.lookup(Context.key(request.sourceId(), Latched.TTM_SCALABLE));
    if (context == null) {
      DmaRequest again = new DmaRequest();
      again.set(request.sourceId(), DmaRequest.NO_PASID, request.iova(), 4, DmaRequest.READ);
      context = reader.scalableContext(again, latched.rootTable());
    }
    return context == null ? 0 : context.ridPasid;
  }

  private long translate(DmaRequest request, Latched latched, long epoch) {
    int mode = latched.ttm();
    long version = tags.version(); // before any look at configuration
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
    if (request.hasPasid()) {
      return refuse(request, RTA_2.code, false);
    }
    Context context = contexts.lookup(Context.key(request.sourceId(), Latched.TTM_LEGACY));
    if (context == null) {
      context = reader.legacyContext(request, rootTable);
      if (context == null) {
        return refused(request);
      }
      if (epoch >= 0) {
        caches.contexts.fill(epoch, context);
      }
    }
    if (request.addressType() != DmaRequest.AT_UNTRANSLATED) {
      return refuse(request, LCT_5.code, context.faultProcessingDisabled);
    }
    Target target = context.target;
    return target.walk == null
        ? passThrough(request, target, target.faultProcessingDisabled, false)
        : qualify(
            request, translate(request, target, epoch, version), target.faultProcessingDisabled);
  }

  private long scalable(DmaRequest request, long rootTable, long epoch, long version) {
    Context context = contexts.lookup(Context.key(request.sourceId(), Latched.TTM_SCALABLE));
    if (context == null) {
      context = reader.scalableContext(request, rootTable);
      if (context == null) {
        return refused(request);
      }
      if (epoch >= 0) {
        caches.contexts.fill(epoch, context);
      }
    }
    boolean quiet = context.faultProcessingDisabled;
    if (request.addressType() != DmaRequest.AT_UNTRANSLATED) {
      return refuse(request, SCT_5.code, quiet);
    }
    int pasid = context.ridPasid;
    if (request.hasPasid()) {
      pasid = request.pasid();
      if (!context.pasidEnabled) {
        return refuse(request, SCT_6.code, quiet);
      }
    }
    if (pasid >= context.pasidEnd) {
      return refuse(request, request.hasPasid() ? SCT_7.code : SCT_9.code, quiet);
    }
    Target target = pasids.lookup(Target.pasidKey(request.sourceId(), pasid));
    if (target == null) {
      target = reader.target(request, context, pasid);
      if (target == null) {
        return refused(request);
      }
      if (epoch >= 0) {
        caches.pasids.fill(epoch, target);
      }
    }
    quiet |= target.faultProcessingDisabled;
    if ((request.access() & DmaRequest.EXECUTE) != 0) {
      return refuse(request, SPT_5.code, quiet);
    }
    if (request.isPrivileged()) {
      return refuse(request, SPT_6.code, quiet);
    }
    return target.walk == null
        ? passThrough(request, target, quiet, true)
        : qualify(request, translate(request, target, epoch, version), quiet);
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
    if (tag != TagTree.NO_TAG) {
      // What was remembered before, hit() has tried.
      boolean untried = epoch < 0 || memo.remember(requester(request, target.mode()), version, tag);
      long word = untried ? iotlb.lookup(tag, input) : 0;
      if (word == 0) {
        word = fromLeafTable(target, input, StageWalk.plan(needed, tag), epoch);
      }
      if (word != 0 && allows(word, needed) && tags.version() == version) {
        return grant(request, input, word);
      }
    }
    return fromTop(request, target, StageWalk.plan(needed, tag), epoch);
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

  private static long asSmallPage(long word, long output) {
    int flags = (int) word & (CacheWord.RIGHTS | CacheWord.DIRTY | CacheWord.SNOOP);
    return CacheWord.of(output, StageWalk.SIZE_4K, flags);
  }

  private static long grant(DmaRequest request, long input, long word) {
    int lg2 = StageWalk.sizeLg2(word);
    request.granted((int) word & CacheWord.RIGHTS);
    return Translation.of(CacheWord.address(word) | (input & (1L << lg2) - 1), lg2);
  }

  private static long refuse(DmaRequest request, int code, boolean quiet) {
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
