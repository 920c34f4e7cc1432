package org.ioasis.smmuv3.hardware;

import static org.ioasis.smmuv3.format.EventType.*;

import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.kit.cache.CacheWord;
import org.ioasis.kit.cache.TagTree;
import org.ioasis.smmuv3.format.Lpae;
import org.ioasis.smmuv3.format.Stage1Descriptor;

/**
 * Stage 1: from a virtual address to a physical one, or to an intermediate one where stage 2
 * follows; then every fetch of a descriptor goes through stage 2 as well. Order inside one
 * descriptor: fetch, type, address size, access flag, rights. What table descriptors restrict is
 * applied to the leaf.
 *
 * <p><b>Threading:</b> any thread; immutable.
 */
final class Stage1Walk extends StageWalk {
  /** What the tables on the way restrict, in the word of a cached leaf table. */
  private static final int NO_UNPRIVILEGED = 1, READ_ONLY = 2, PXN = 4, UXN = 8;

  private static final int RESTRICTIONS = 0xF;

  /** Above a cache word, where the cache has its tag: log2 of the block it comes from. */
  private static final int BLOCK_SHIFT = 52;

  private static final long AP_1 = Stage1Descriptor.AP_1.mask();
  private static final long AP_2 = Stage1Descriptor.AP_2.mask();
  private static final long NG = Stage1Descriptor.NG.mask();
  private static final long DBM = Stage1Descriptor.DBM.mask();
  private static final long LEAF_PXN = Stage1Descriptor.PXN.mask();
  private static final long LEAF_UXN = Stage1Descriptor.UXN.mask();

  private final Stage2Walk stage2;

  Stage1Walk(PhysicalMemory memory, TranslationCaches caches, Stage2Walk stage2) {
    super(memory, caches);
    this.stage2 = stage2;
  }

  /**
   * Translates by leaf table, then from the top; fills the walk cache, not the TLB.
   *
   * @param input untagged, in range, of a half that is not disabled
   * @param plan needed rights and the ASID&#39;s tag
   * @return a word with {@link #blockLg2}, or a verdict
   */
  long translate(StreamEntry ste, ContextEntry cd, long input, long plan, long epoch) {
    Regime tables = cd.tables(cd.isUpper(input));
    int tag = tag(plan);
    if (tag != TagTree.NO_TAG) {
      long version = caches.tags.version();
      long pointer = caches.walks.lookup(tag, input);
      if (pointer != 0) {
        long word = levels(ste, cd, input, fromLevel(plan, Lpae.LAST_LEVEL), epoch, pointer);
        if (word > 0 && caches.tags.version() == version) {
          return word;
        }
      }
    }
    return levels(ste, cd, input, fromLevel(plan, tables.startLevel), epoch, tables.table);
  }

  /**
   * @param start address of the first table, and in its low bits what tables above it restrict
   */
  private long levels(
      StreamEntry ste, ContextEntry cd, long input, long plan, long epoch, long start) {
    boolean upper = cd.isUpper(input);
    Regime tables = cd.tables(upper);
    long table = level(plan) == tables.startLevel ? start : CacheWord.address(start);
    int restricts = level(plan) == tables.startLevel ? 0 : (int) start & RESTRICTIONS;
    int level = level(plan);
    long inside = input & (1L << tables.inputBits) - 1;
    int indexMask = (1 << Lpae.indexBits(tables.granuleLg2)) - 1;
    for (int attempt = 0; attempt < ATTEMPTS; ) {
      int shift = tables.shift(level);
      long at = table + ((inside >>> shift & indexMask) << Lpae.DESCRIPTOR_LG2);
      long place = ste.stage2 ? place(ste, at, Verdict.STAGE_2_TABLE, epoch) : at;
      if (place < 0) {
        return place;
      }
      long raw = memory.load64(place);
      if (isUnreadable(raw, place)) {
        return Verdict.of(F_WALK_EABT, Verdict.STAGE_1_FETCH, place);
      }
      long descriptor = ordered(raw, tables.bigEndian);
      if (isInvalid(tables, descriptor, level)) {
        return Verdict.of(F_TRANSLATION);
      }
      boolean leaf = isLeaf(descriptor, level);
      long output =
          Lpae.address(descriptor, tables.form) & -(1L << (leaf ? shift : tables.granuleLg2));
      if (output >>> tables.outputBits != 0) {
        return Verdict.of(F_ADDR_SIZE);
      }
      if (leaf) {
        long refusal = refusal(cd, tables, descriptor, restricts, needed(plan));
        if (refusal != 0) {
          return refusal;
        }
        long marked = marked(tables, descriptor, restricts, needed(plan));
        int reach = reachLg2(tables, descriptor, level, shift);
        if (marked == descriptor) {
          return word(cd, tables, marked, restricts, output, input, reach);
        }
        if (ste.stage2) {
          place = place(ste, at, Verdict.STAGE_2_UPDATE, epoch);
          if (place < 0) {
            return place;
          }
        }
        if (epoch < 0) { // a probe tells what would be and writes nothing
          return word(cd, tables, marked, restricts, output, input, reach);
        }
        if (memory.compareAndExchange64(place, raw, ordered(marked, tables.bigEndian)) == raw) {
          return word(cd, tables, marked, restricts, output, input, reach);
        }
        attempt++; // another agent changed it: judge it anew
      } else {
        boolean ignores = upper ? cd.had1 : cd.had0;
        restricts |= ignores ? 0 : restricts(descriptor, cd.oneRange);
        table = output;
        level++;
        if (level == Lpae.LAST_LEVEL && epoch >= 0 && tag(plan) != TagTree.NO_TAG) {
          int size = caches.walks.sizeFor(shift);
          caches.walks.fill(epoch, tag(plan), input, CacheWord.of(table, size, restricts));
        }
      }
    }
    return Verdict.of(F_WALK_EABT, Verdict.STAGE_1_FETCH, table);
  }

  /** Where a stage-1 descriptor lies behind stage 2; or a verdict. */
  private long place(StreamEntry ste, long ipa, int origin, long epoch) {
    int needed = origin == Verdict.STAGE_2_UPDATE ? Rights.PW : Rights.PR;
    long plan = withOrigin(plan(needed, stage2.tagOf(ste, epoch)), origin);
    long word = stage2.translate(ste, ipa, plan, epoch);
    if (word < 0) {
      // The read of a walk is a read whatever the transaction is; TTRnW says it.
      return word & ~Verdict.withAccess(0, false, false, true);
    }
    return CacheWord.address(word) | (ipa & ((1L << caches.sizeLg2(word)) - 1));
  }

  /** What a table descriptor restricts below it. */
  private static int restricts(long descriptor, boolean oneRange) {
    long table = Stage1Descriptor.APTABLE.get(descriptor);
    boolean unprivileged = (table & Stage1Descriptor.APTABLE_NO_UNPRIVILEGED) != 0 && !oneRange;
    return (unprivileged ? NO_UNPRIVILEGED : 0)
        | ((table & Stage1Descriptor.APTABLE_READ_ONLY) != 0 ? READ_ONLY : 0)
        | (Stage1Descriptor.PXNTABLE.isSet(descriptor) ? PXN : 0)
        | (Stage1Descriptor.UXNTABLE.isSet(descriptor) ? UXN : 0);
  }

  /** Access flag, then rights; 0 if nothing is refused. */
  private static long refusal(
      ContextEntry cd, Regime tables, long descriptor, int restricts, int needed) {
    if ((descriptor & AF) == 0 && !tables.updatesAccess && !tables.ignoresAccessFlag) {
      return Verdict.of(F_ACCESS);
    }
    int missing = needed & ~rights(cd, tables, descriptor, restricts);
    if (missing == 0) {
      return 0;
    }
    long fault = Verdict.of(F_PERMISSION);
    return Verdict.withAccess(fault, false, false, (missing & ~Rights.READS) == 0);
  }

  /** Whether a write to a read-only page is allowed because it marks the page dirty. */
  private static boolean becomesDirty(Regime tables, long descriptor, int restricts) {
    return tables.updatesDirty
        && (descriptor & DBM) != 0
        && (descriptor & AP_2) != 0
        && (restricts & READ_ONLY) == 0;
  }

  private static int rights(ContextEntry cd, Regime tables, long descriptor, int restricts) {
    boolean readOnly =
        ((descriptor & AP_2) != 0 || (restricts & READ_ONLY) != 0)
            && !becomesDirty(tables, descriptor, restricts);
    boolean pxn = (descriptor & LEAF_PXN) != 0 || (restricts & PXN) != 0;
    boolean uxn = (descriptor & LEAF_UXN) != 0 || (restricts & UXN) != 0;
    if (cd.oneRange) {
      boolean executes = !uxn && !(cd.wxn && !readOnly);
      return Rights.READS | (readOnly ? 0 : Rights.WRITES) | (executes ? Rights.EXECUTES : 0);
    }
    boolean unprivileged = (descriptor & AP_1) != 0 && (restricts & NO_UNPRIVILEGED) == 0;
    boolean unprivilegedWrites = unprivileged && !readOnly;
    boolean ux = !uxn && !(cd.wxn && unprivilegedWrites);
    boolean px = !pxn && !unprivilegedWrites && !(cd.wxn && !readOnly);
    boolean privilegedData = !(cd.pan && unprivileged);
    return (unprivileged ? Rights.UR : 0)
        | (unprivilegedWrites ? Rights.UW : 0)
        | (ux ? Rights.UX : 0)
        | (privilegedData ? Rights.PR : 0)
        | (privilegedData && !readOnly ? Rights.PW : 0)
        | (px ? Rights.PX : 0);
  }

  /** The descriptor as hardware leaves it after this use. */
  private static long marked(Regime tables, long descriptor, int restricts, int needed) {
    long marked = tables.updatesAccess ? descriptor | AF : descriptor;
    boolean dirties = (needed & Rights.WRITES) != 0 && becomesDirty(tables, descriptor, restricts);
    return dirties ? marked & ~AP_2 : marked;
  }

  private long word(
      ContextEntry cd,
      Regime tables,
      long descriptor,
      int restricts,
      long output,
      long input,
      int shift) {
    int flags =
        rights(cd, tables, descriptor, restricts)
            | (becomesDirty(tables, descriptor, restricts) ? 0 : CacheWord.DIRTY)
            | ((descriptor & NG) == 0 || cd.oneRange ? Rights.GLOBAL : 0);
    long word = piece(output, input, shift, flags) | (long) shift << BLOCK_SHIFT;
    return (descriptor & AF) != 0 ? word : word & ~CacheWord.VALID;
  }

  /** log2 of the block that a translation comes from; the word may be for a fragment of it. */
  static int blockLg2(long word) {
    return (int) (word >>> BLOCK_SHIFT);
  }

  /** The word for the cache. */
  static long withoutBlock(long word) {
    return word & (1L << BLOCK_SHIFT) - 1;
  }
}
