package org.ioasis.vtd.hardware;

import static org.ioasis.vtd.format.FaultReason.*;

import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.kit.cache.CacheWord;
import org.ioasis.kit.cache.TaggedCache;
import org.ioasis.vtd.format.FirstStageEntry;

/**
 * First-stage tables in guest physical memory, over second-stage tables. VT-d, "Nested
 * Translation". The address of every first-stage entry and the first stage's output go through the
 * second stage; a page is as large as the smaller of both, and its rights are those that both give.
 *
 * <p>Faults of the second stage keep their numbers, except where a first-stage entry is fetched:
 * beyond its limit 74h, no read right 75h (top table) and 76h, no write right for an update 77h.
 *
 * <p>The walk cache holds the host address of the leaf table, and whether the second stage lets its
 * entries be updated; an update that it does not walks again from the top.
 */
final class NestedWalk extends StageWalk {
  private static final long TABLE = FirstStageRules.TABLE;
  private static final long RIGHTS = FirstStageRules.RIGHTS;
  private static final int UPDATABLE = Access.WRITE | CacheWord.DIRTY;

  /** In a walk-cache word: the second stage lets entries of the leaf table be updated. */
  private static final int LEAF_UPDATABLE = CacheWord.USER_1;

  /** From {@link #walkLeafTable}: no answer, walk from the top. */
  private static final long UNCERTAIN = -1;

  private final FirstStageRules first;
  private final SecondStageRules second;
  private final int firstLevels;
  private final int secondLevels;
  private final long secondRoot;
  private final int secondWidth;

  /**
   * The second stage under it.
   *
   * @param rules what its entries mean
   * @param root its top table
   * @param levels 3 to 5
   * @param width its inputs are below 2^width
   */
  record Second(SecondStageRules rules, long root, int levels, int width) {}

  NestedWalk(
      PhysicalMemory memory,
      TaggedCache walkCache,
      FirstStageRules first,
      int firstLevels,
      Second second) {
    super(memory, walkCache);
    this.first = first;
    this.firstLevels = firstLevels;
    this.second = second.rules;
    this.secondRoot = second.root;
    this.secondLevels = second.levels;
    this.secondWidth = second.width;
  }

  @Override
  int interruptRange() {
    return SGN_8.code;
  }

  @Override
  long walk(Target target, long input, int plan, long epoch) {
    if (!FirstStageEntry.isCanonical(input, SHIFT_1 + 9 * firstLevels)) {
      return -SGN_1.code;
    }
    int ask = first.ask(needed(plan));
    long table = target.root; // guest physical, all of 63:12
    long rights = RIGHTS;
    for (int level = firstLevels; level > 1; level--) {
      long at = entryAddress(table, input, shift(level));
      long entry = step(at, ask, rights, epoch, level);
      if (entry < 0) {
        return entry;
      }
      rights &= entry;
      if (FirstStageRules.isLeaf(entry, level)) {
        return output(first.page(entry, level, rights, needed(plan)), input, plan, epoch);
      }
      table = entry & TABLE;
    }
    return leafTable(table | rights, input, plan, epoch);
  }

  /** Level 1 from the top: its table's host address goes into the walk cache. */
  private long leafTable(long pointer, long input, int plan, long epoch) {
    int needed = needed(plan);
    long at = entryAddress(pointer & TABLE, input, SHIFT_1);
    long entry = step(at, first.ask(needed), pointer, epoch, 1);
    if (entry < 0) {
      return entry;
    }
    if (tag(plan) != 0 && epoch >= 0) {
      long word = second(at, Access.READ, epoch);
      if (word >= 0) {
        long host = host(word, at) & TABLE;
        long flag = CacheWord.has(word, UPDATABLE) ? LEAF_UPDATABLE : 0;
        long rights = pointer & (Access.READ | Access.WRITE);
        cacheLeafTable(host | rights | flag, input, plan, epoch);
      }
    }
    return output(first.page(entry, 1, pointer & entry, needed), input, plan, epoch);
  }

  @Override
  long walkLeafTable(long pointer, long input, int plan, long epoch) {
    int needed = needed(plan);
    int ask = first.ask(needed);
    long at = entryAddress(pointer & TABLE, input, SHIFT_1);
    long entry = memory.load64(at);
    if (first.check(entry, at, ask, pointer, 1, SFS_1.code) != 0) {
      return UNCERTAIN;
    }
    long marked = first.marked(entry, ask, 1);
    if (marked != entry && epoch >= 0) {
      boolean may = (pointer & LEAF_UPDATABLE) != 0 && first.coherent;
      if (!may || memory.compareAndExchange64(at, entry, marked) != entry) {
        return UNCERTAIN;
      }
      entry = marked;
    }
    return output(first.page(entry, 1, pointer & entry, needed), input, plan, epoch);
  }

  /**
   * Loads, judges and marks one first-stage entry.
   *
   * @param guest its guest physical address
   * @return the entry without bit 63, or the negative of the fault
   */
  private long step(long guest, int ask, long rights, long epoch, int level) {
    boolean top = level == firstLevels;
    long word = second(guest, Access.READ, epoch);
    if (word < 0) {
      return -fetchFault((int) -word, top);
    }
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      long at = host(word, guest);
      long entry = memory.load64(at);
      long fault = first.check(entry, at, ask, rights, level, top ? SFS_4.code : SFS_1.code);
      if (fault != 0) {
        return fault;
      }
      long marked = first.marked(entry, ask, level);
      if (marked == entry) {
        return entry & Long.MAX_VALUE;
      }
      if (!first.coherent) {
        return -SFS_9.code;
      }
      if (!CacheWord.has(word, UPDATABLE)) {
        word = second(guest, Access.READ | Access.WRITE, epoch);
        if (word < 0) {
          return -updateFault((int) -word);
        }
      }
      if (epoch < 0) {
        return entry & Long.MAX_VALUE;
      }
      if (at == host(word, guest) && memory.compareAndExchange64(at, entry, marked) == entry) {
        return marked & Long.MAX_VALUE;
      }
    }
    return -SFS_10.code;
  }

  private static int fetchFault(int code, boolean top) {
    if (code == SGN_5.code) {
      return SFS_5.code;
    }
    boolean noRight = code == SSS_2.code || code == SGN_7.code;
    return noRight ? (top ? SFS_6.code : SFS_7.code) : code;
  }

  private static int updateFault(int code) {
    boolean noRight = code == SSS_2.code || code == SGN_6.code || code == SGN_7.code;
    return noRight ? SFS_8.code : code;
  }

  private static long host(long word, long guest) {
    return CacheWord.address(word) | (guest & (1L << sizeLg2(word)) - 1);
  }

  /** The second stage: its word for a guest physical address, or the negative of its fault. */
  private long second(long guest, int rights, long epoch) {
    if (guest >>> secondWidth != 0) {
      return second.beyond();
    }
    int needed = second.judged(rights);
    long table = secondRoot | SecondStageRules.RW;
    int unreadable = second.topUnreadable;
    for (int level = secondLevels; level > 0; level--) {
      long at = entryAddress(table & SecondStageRules.TABLE, guest, shift(level));
      long entry = second.step(at, needed, epoch, level, unreadable);
      if (entry < 0) {
        return entry;
      }
      long through = table & entry & SecondStageRules.RW;
      if (SecondStageRules.isLeaf(entry, level)) {
        return second.page(entry, level, through);
      }
      table = (entry & SecondStageRules.TABLE) | through;
      unreadable = second.unreadable;
    }
    throw new AssertionError("a level 1 entry is a leaf");
  }

  /** The word of both stages, from the first's. */
  private long output(long firstWord, long input, int plan, long epoch) {
    long guest = host(firstWord, input);
    long word = second(guest, needed(plan) & ~PRIVILEGED, epoch);
    if (word < 0) {
      return word;
    }
    int both = (int) firstWord & (int) word & (CacheWord.RIGHTS | CacheWord.DIRTY);
    int snoop = (int) (firstWord | word) & CacheWord.SNOOP;
    int size = Math.min(CacheWord.size(firstWord), CacheWord.size(word));
    int lg2 = SHIFT_1 + 9 * size;
    return CacheWord.of(host(word, guest) & -1L << lg2, size, both | snoop);
  }
}
