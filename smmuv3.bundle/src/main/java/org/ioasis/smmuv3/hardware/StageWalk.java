package org.ioasis.smmuv3.hardware;

import org.ioasis.api.memory.MemoryStatus;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.kit.cache.CacheWord;
import org.ioasis.smmuv3.format.Lpae;
import org.ioasis.smmuv3.format.Stage1Descriptor;

/**
 * What the walks of both stages share. "Translation table walk".
 *
 * <p>A walk answers with a {@link CacheWord} (piece of the block, {@link Rights}, size), never
 * negative, or with a {@link Verdict}. A word without VALID must not be cached: its access flag is
 * 0 and nobody sets it.
 *
 * <p>Its question travels in two words. {@code plan}: 43:40 the level to start at plus 1; 34:32 the
 * origin that a {@link Verdict} of stage 2 has; 30:24 the needed rights, 0 if presence suffices;
 * 23:0 the tag under which caches are filled, or {@link org.ioasis.kit.cache.TagTree#NO_TAG}.
 * {@code epoch}: what fills are checked against, or {@link
 * org.ioasis.kit.cache.InvalidationEpoch#NO_FILL} for a walk without any effect.
 *
 * <p>Levels bound every walk; the descriptor that others keep changing bounds it by {@link
 * #ATTEMPTS}.
 *
 * <p><b>Threading:</b> any thread; immutable.
 */
abstract class StageWalk {
  /** How often a descriptor that others keep changing is judged before its fetch has failed. */
  static final int ATTEMPTS = 64;

  static final long VALID = 1, TABLE = 2, AF = 1L << 10;
  private static final int NEEDED_SHIFT = 24, ORIGIN_SHIFT = 32, LEVEL_SHIFT = 40;
  private static final int TAG_MASK = (1 << NEEDED_SHIFT) - 1;
  private static final int NEEDED_MASK = 0x7F, ORIGIN_MASK = 7, LEVEL_MASK = 0xF;

  final PhysicalMemory memory;
  final TranslationCaches caches;

  StageWalk(PhysicalMemory memory, TranslationCaches caches) {
    this.memory = memory;
    this.caches = caches;
  }

  /** Packs rights and tag. */
  static long plan(int needed, int tag) {
    return (long) needed << NEEDED_SHIFT | tag;
  }

  /** The same for an origin. */
  static long withOrigin(long plan, int origin) {
    return (plan & ~((long) ORIGIN_MASK << ORIGIN_SHIFT)) | (long) origin << ORIGIN_SHIFT;
  }

  /** The same from a level. */
  static long fromLevel(long plan, int level) {
    return (plan & ~((long) LEVEL_MASK << LEVEL_SHIFT)) | (level + 1L) << LEVEL_SHIFT;
  }

  static int needed(long plan) {
    return (int) (plan >>> NEEDED_SHIFT) & NEEDED_MASK;
  }

  static int tag(long plan) {
    return (int) plan & TAG_MASK;
  }

  static int origin(long plan) {
    return (int) (plan >>> ORIGIN_SHIFT) & ORIGIN_MASK;
  }

  static int level(long plan) {
    return ((int) (plan >>> LEVEL_SHIFT) & LEVEL_MASK) - 1;
  }

  /** Whether a word has every right that is needed. */
  static boolean allows(long word, int needed) {
    return ((int) word & needed) == needed;
  }

  /** Whether nothing is to be updated in memory before a word may be used. */
  static boolean isSettled(long word, int needed) {
    return (needed & Rights.WRITES) == 0 || (word & CacheWord.DIRTY) != 0;
  }

  /** A descriptor as the tables' endianness has it. */
  static long ordered(long raw, boolean bigEndian) {
    return bigEndian ? Long.reverseBytes(raw) : raw;
  }

  /** Whether a loaded word is none: all ones, and memory says it is absent or poisoned. */
  final boolean isUnreadable(long word, long address) {
    return word == -1 && memory.status(address, Long.BYTES) != MemoryStatus.OK;
  }

  /** Whether a valid descriptor of a level is a block or a page. */
  static boolean isLeaf(long descriptor, int level) {
    return level == Lpae.LAST_LEVEL || (descriptor & TABLE) == 0;
  }

  /** Whether a descriptor grants nothing: invalid, reserved, or a block where none is allowed. */
  static boolean isInvalid(Regime tables, long descriptor, int level) {
    if ((descriptor & VALID) == 0) {
      return true;
    }
    boolean table = (descriptor & TABLE) != 0;
    return level == Lpae.LAST_LEVEL ? !table : !table && !tables.isBlockLevel(level);
  }

  /**
   * log2 of what a leaf translates, as the TLB may hold it: its block, or with the contiguous hint
   * the group that it is one of, as far as that is within the input range. Of a group whose members
   * do not agree, the one that is walked speaks for all. The hint is the same bit in both stages.
   * "Contiguous bit".
   */
  final int reachLg2(Regime tables, long descriptor, int level, int shift) {
    if (!caches.merges || !Stage1Descriptor.CONTIGUOUS.isSet(descriptor)) {
      return shift;
    }
    int group = shift + Lpae.contiguousLg2(tables.granuleLg2, level);
    return Math.max(shift, Math.min(group, tables.inputBits));
  }

  /**
   * The word for the piece of a block that an input address lies in.
   *
   * @param block an address in the block
   * @param blockLg2 log2 of the block
   */
  final long piece(long block, long input, int blockLg2, int flags) {
    int size = caches.tlb.sizeFor(blockLg2);
    int lg2 = caches.tlb.sizeLg2Of(size);
    long within = input & (1L << blockLg2) - 1 & -(1L << lg2);
    return CacheWord.of((block & -(1L << blockLg2)) | within, size, flags);
  }
}
