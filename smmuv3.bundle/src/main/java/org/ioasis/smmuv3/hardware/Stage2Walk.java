package org.ioasis.smmuv3.hardware;

import static org.ioasis.smmuv3.format.EventType.*;

import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.kit.cache.CacheWord;
import org.ioasis.kit.cache.TagTree;
import org.ioasis.smmuv3.format.Lpae;
import org.ioasis.smmuv3.format.Stage2Descriptor;

/**
 * Stage 2: from an intermediate address to a physical one, for the transaction itself, for CDs and
 * for stage-1 tables. Order inside one descriptor: fetch, type, address size, access flag, rights.
 *
 * <p><b>Threading:</b> any thread; immutable.
 */
final class Stage2Walk extends StageWalk {
  private static final long S2AP_READ = Stage2Descriptor.S2AP_READ.mask();
  private static final long S2AP_WRITE = Stage2Descriptor.S2AP_WRITE.mask();
  private static final long DBM = Stage2Descriptor.DBM.mask();

  private final boolean executeByPrivilege;

  Stage2Walk(PhysicalMemory memory, TranslationCaches caches, Capabilities capabilities) {
    super(memory, caches);
    this.executeByPrivilege = capabilities.executeByPrivilege();
  }

  /** The tag of an entry's stage-2 translations; gives none if the caller must not fill. */
  int tagOf(StreamEntry ste, long epoch) {
    return epoch >= 0 ? caches.tags.tag(ste.tagKey) : caches.tags.peek(ste.tagKey);
  }

  /**
   * Translates by TLB, then by leaf table, then from the top.
   *
   * @param plan needed rights, the tag of {@link #tagOf}, and the origin
   * @return a word of which at least the needed rights hold, or a verdict
   */
  long translate(StreamEntry ste, long ipa, long plan, long epoch) {
    int tag = tag(plan);
    int needed = needed(plan);
    Regime tables = ste.tables2;
    if (tag != TagTree.NO_TAG) {
      long version = caches.tags.version();
      long word = caches.tlb.lookup(tag, ipa);
      if (word == 0) {
        word = fromLeafTable(tables, ipa, plan, epoch);
      }
      if (word > 0
          && allows(word, needed)
          && isSettled(word, needed)
          && caches.tags.version() == version) {
        return guarded(ste, word, ipa, origin(plan));
      }
    }
    if (ipa >>> tables.inputBits != 0) {
      return Verdict.of(F_TRANSLATION, origin(plan), ipa);
    }
    long word = levels(tables, tables.table, ipa, fromLevel(plan, tables.startLevel), epoch);
    return word < 0 ? word : guarded(ste, word, ipa, origin(plan));
  }

  /** S2PTW: walks must not read Device memory. */
  private static long guarded(StreamEntry ste, long word, long ipa, int origin) {
    boolean refused = ste.protectsWalks && origin != Verdict.STAGE_2 && (word & Rights.DEVICE) != 0;
    return refused ? Verdict.of(F_PERMISSION, origin, ipa) : word;
  }

  /** By a cached leaf table; whatever is wrong there is found again from the top. */
  private long fromLeafTable(Regime tables, long ipa, long plan, long epoch) {
    long pointer = caches.walks.lookup(tag(plan), ipa);
    return pointer == 0 || ipa >>> tables.inputBits != 0
        ? 0
        : levels(tables, CacheWord.address(pointer), ipa, fromLevel(plan, Lpae.LAST_LEVEL), epoch);
  }

  private long levels(Regime tables, long firstTable, long ipa, long plan, long epoch) {
    long table = firstTable;
    int level = level(plan);
    int indexMask = (1 << Lpae.indexBits(tables.granuleLg2)) - 1;
    long mask = level == tables.startLevel ? -1 : indexMask; // concatenated tables have more
    for (int attempt = 0; attempt < ATTEMPTS; ) {
      int shift = tables.shift(level);
      long at = table + ((ipa >>> shift & mask) << Lpae.DESCRIPTOR_LG2);
      long raw = memory.load64(at);
      if (isUnreadable(raw, at)) {
        return Verdict.of(F_WALK_EABT, origin(plan), at);
      }
      long descriptor = ordered(raw, tables.bigEndian);
      if (isInvalid(tables, descriptor, level)) {
        return Verdict.of(F_TRANSLATION, origin(plan), ipa);
      }
      boolean leaf = isLeaf(descriptor, level);
      long output =
          Lpae.address(descriptor, tables.form) & -(1L << (leaf ? shift : tables.granuleLg2));
      if (output >>> tables.outputBits != 0) {
        return Verdict.of(F_ADDR_SIZE, origin(plan), ipa);
      }
      if (leaf) {
        long refusal = refusal(tables, descriptor, ipa, plan);
        if (refusal != 0) {
          return refusal;
        }
        long marked = marked(tables, descriptor, needed(plan));
        if (marked == descriptor
            || epoch < 0
            || memory.compareAndExchange64(at, raw, ordered(marked, tables.bigEndian)) == raw) {
          int reach = reachLg2(tables, descriptor, level, shift);
          long word = piece(output, ipa, reach, flags(tables, marked));
          return (marked & AF) == 0
              ? word & ~CacheWord.VALID
              : filled(word, ipa, reach, tag(plan), epoch);
        }
        attempt++; // another agent changed it: judge it anew
      } else {
        table = output;
        mask = indexMask;
        level++;
        if (level == Lpae.LAST_LEVEL && epoch >= 0 && tag(plan) != TagTree.NO_TAG) {
          int size = caches.walks.sizeFor(shift);
          caches.walks.fill(epoch, tag(plan), ipa, CacheWord.of(table, size, 0));
        }
      }
    }
    return Verdict.of(F_WALK_EABT, origin(plan), table);
  }

  /** Access flag, then rights; 0 if nothing is refused. */
  private long refusal(Regime tables, long descriptor, long ipa, long plan) {
    if ((descriptor & AF) == 0 && !tables.updatesAccess && !tables.ignoresAccessFlag) {
      return Verdict.of(F_ACCESS, origin(plan), ipa);
    }
    int missing = needed(plan) & ~flags(tables, descriptor);
    if (missing == 0) {
      return 0;
    }
    long fault = Verdict.of(F_PERMISSION, origin(plan), ipa);
    return Verdict.withAccess(fault, false, false, (missing & ~Rights.READS) == 0);
  }

  /** Rights; DEVICE; DIRTY unless a write has to mark the page first. */
  private int flags(Regime tables, long descriptor) {
    boolean clean = (descriptor & S2AP_WRITE) == 0;
    boolean becomesDirty = clean && (descriptor & DBM) != 0 && tables.updatesDirty;
    return ((descriptor & S2AP_READ) != 0 ? Rights.READS : 0)
        | (!clean || becomesDirty ? Rights.WRITES : 0)
        | (becomesDirty ? 0 : CacheWord.DIRTY)
        | executes(descriptor)
        | (Stage2Descriptor.isDevice(descriptor) ? Rights.DEVICE : 0);
  }

  private int executes(long descriptor) {
    int xn = (int) Stage2Descriptor.XN.get(descriptor);
    if (!executeByPrivilege) {
      return xn >= Stage2Descriptor.XN_ALL ? 0 : Rights.EXECUTES;
    }
    return switch (xn) {
      case Stage2Descriptor.XN_NONE -> Rights.EXECUTES;
      case Stage2Descriptor.XN_PRIVILEGED -> Rights.UX;
      case Stage2Descriptor.XN_UNPRIVILEGED -> Rights.PX;
      default -> 0;
    };
  }

  /** The descriptor as hardware leaves it after this use. */
  private static long marked(Regime tables, long descriptor, int needed) {
    long marked = tables.updatesAccess ? descriptor | AF : descriptor;
    boolean dirties =
        tables.updatesDirty && (needed & Rights.WRITES) != 0 && (descriptor & DBM) != 0;
    return dirties ? marked | S2AP_WRITE : marked;
  }

  private long filled(long word, long ipa, int blockLg2, int tag, long epoch) {
    if (tag != TagTree.NO_TAG && epoch >= 0) {
      caches.fill(epoch, tag, ipa, word, blockLg2);
    }
    return word;
  }
}
