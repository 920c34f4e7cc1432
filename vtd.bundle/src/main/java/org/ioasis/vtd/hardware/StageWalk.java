package org.ioasis.vtd.hardware;

import org.ioasis.api.memory.MemoryStatus;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.kit.cache.CacheWord;
import org.ioasis.kit.cache.TagTree;
import org.ioasis.kit.cache.TaggedCache;

/**
 * A walk of one paging format, hand-specialised: one virtual call per translation, everything below
 * it inlines. Every walk is bounded by its levels.
 *
 * <p>A walk answers with a {@link CacheWord} (page base, rights, size), never negative, or with the
 * negative of a fault reason.
 *
 * <p>Its question travels in two words. {@code plan}: 27 a supervisor asks, 26:24 the needed rights
 * (READ, WRITE, EXECUTE; 0 if presence suffices), 23:0 the tag under which the walk cache is
 * filled, or {@link TagTree#NO_TAG}. {@code epoch}: what fills are checked against, or {@link
 * org.ioasis.kit.cache.InvalidationEpoch#NO_FILL} for a walk without any effect.
 *
 * <p><b>Threading:</b> any thread; immutable.
 */
abstract class StageWalk {
  /** Size indices of the IOTLB: 4 KiB, 2 MiB, 1 GiB. */
  static final int SIZE_4K = 0, SIZE_2M = 1, SIZE_1G = 2;

  /** log2 of those sizes, and of what a leaf table spans. */
  static final int[] IOTLB_SIZES = {12, 21, 30};

  static final int LEAF_TABLE_LG2 = 21;

  static final int SHIFT_5 = 48, SHIFT_4 = 39, SHIFT_3 = 30, SHIFT_2 = 21, SHIFT_1 = 12;

  private static final int NEEDED_SHIFT = 24;
  private static final int TAG_MASK = (1 << NEEDED_SHIFT) - 1;
  private static final long INDEX = 0x1FF;
  private static final int ENTRY_LG2 = 3;

  final PhysicalMemory memory;
  private final TaggedCache walkCache;

  StageWalk(PhysicalMemory memory, TaggedCache walkCache) {
    this.memory = memory;
    this.walkCache = walkCache;
  }

  /** Beside the needed rights: a supervisor asks. */
  static final int PRIVILEGED = CacheWord.PRIVILEGED_ONLY;

  /** How often an entry that others keep changing is judged before the update counts as failed. */
  static final int ATTEMPTS = 64;

  /** Packs rights and tag. */
  static int plan(int needed, int tag) {
    return needed << NEEDED_SHIFT | tag;
  }

  /** log2 of the page of an IOTLB word, as {@link #IOTLB_SIZES} has it. */
  static int sizeLg2(long word) {
    return SHIFT_1 + 9 * CacheWord.size(word);
  }

  static int needed(int plan) {
    return plan >>> NEEDED_SHIFT;
  }

  static int tag(int plan) {
    return plan & TAG_MASK;
  }

  /** Walks from the top. */
  abstract long walk(Target target, long input, int plan, long epoch);

  /**
   * Walks the leaf table that {@link #cachedLeafTable} gave. A fault means nothing here: the caller
   * walks again from the top.
   */
  abstract long walkLeafTable(long pointer, long input, int plan, long epoch);

  /** Whether its refusals may be kept where CAP.CM is set: not those of first-stage tables. */
  boolean keepsRefusals() {
    return false;
  }

  /** Fault of a leaf output in the interrupt range. */
  abstract int interruptRange();

  /** The leaf table for an input with the rights of the way to it, 0 if the walk cache has none. */
  final long cachedLeafTable(int tag, long input) {
    return walkCache.lookup(tag, input);
  }

  final void cacheLeafTable(long pointer, long input, int plan, long epoch) {
    int tag = tag(plan);
    if (tag != TagTree.NO_TAG && epoch >= 0) {
      walkCache.fill(epoch, tag, input, pointer | CacheWord.VALID);
    }
  }

  static long entryAddress(long table, long input, int shift) {
    return table + ((input >>> shift & INDEX) << ENTRY_LG2);
  }

  /** The shift of the index of a level, 1 to 5. */
  static int shift(int level) {
    return SHIFT_1 + 9 * (level - 1);
  }

  /** Whether a loaded entry is none: all ones, and memory says it is absent or poisoned. */
  static boolean isUnreadable(PhysicalMemory memory, long entry, long address) {
    return entry == -1 && memory.status(address, Long.BYTES) != MemoryStatus.OK;
  }
}
