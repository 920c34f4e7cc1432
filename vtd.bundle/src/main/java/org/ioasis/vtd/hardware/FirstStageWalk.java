package org.ioasis.vtd.hardware;

import static org.ioasis.vtd.format.FaultReason.*;

import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.kit.cache.CacheWord;
import org.ioasis.kit.cache.TaggedCache;
import org.ioasis.vtd.format.FirstStageEntry;

/**
 * First-stage tables of four and five levels, for user requests. VT-d, "First-Stage Translation".
 * Order inside one entry: access, P, U/S, R/W, reserved bits, accessed and dirty, leaf.
 *
 * <p>A is set in every entry used, D in the leaf of a write, by compare-and-exchange of the whole
 * entry that was judged; when another agent changed it meanwhile, the entry is judged anew.
 */
abstract class FirstStageWalk extends StageWalk {
  private static final long P = FirstStageEntry.P.mask();
  private static final long RW = FirstStageEntry.RW.mask();

  /** Rights as cache words have them: P stands for READ. */
  private static final long RIGHTS = P | RW;

  private static final long US = FirstStageEntry.US.mask();
  private static final long A = FirstStageEntry.A.mask();
  private static final long D = FirstStageEntry.D.mask();
  private static final long PS = FirstStageEntry.PS.mask();
  private static final long TABLE = FirstStageEntry.TABLE.mask();
  private static final long PAGE_1G = FirstStageEntry.ADDR_1G.mask();
  private static final long PAGE_2M = FirstStageEntry.ADDR_2M.mask();
  private static final long PAGE_4K = FirstStageEntry.ADDR_4K.mask();

  /** How often an entry that others keep changing is judged before the update counts as failed. */
  private static final int ATTEMPTS = 64;

  private final long reservedTop;
  private final long reservedTable;
  private final long reserved1G;
  private final long reserved2M;
  private final long reserved4K;

  private FirstStageWalk(PhysicalMemory memory, TaggedCache walkCache, Capabilities capabilities) {
    super(memory, walkCache);
    this.reservedTop = reserved(capabilities, 4, false);
    this.reservedTable = reserved(capabilities, 2, false);
    this.reserved1G = reserved(capabilities, 3, true);
    this.reserved2M = reserved(capabilities, 2, true);
    this.reserved4K = reserved(capabilities, 1, false);
  }

  /**
   * The walk for a depth.
   *
   * @param levels 4 or 5
   */
  static FirstStageWalk of(
      int levels, PhysicalMemory memory, TaggedCache walkCache, Capabilities capabilities) {
    return levels == 5
        ? new Levels5(memory, walkCache, capabilities)
        : new Levels4(memory, walkCache, capabilities);
  }

  private static long reserved(Capabilities capabilities, int level, boolean pageSize) {
    return FirstStageEntry.reserved(
        level, pageSize, capabilities.haw(), capabilities.firstStage1G());
  }

  @Override
  final int interruptRange() {
    return SGN_8.code;
  }

  static long notCanonical() {
    return -SGN_1.code;
  }

  /** Levels 4 to 1; {@code pointer} is the level 4 table and the rights so far. */
  final long fromLevel4(long pointer, long input, int plan, long epoch, int codeIfUnreadable) {
    int needed = needed(plan);
    long at = entryAddress(pointer & TABLE, input, SHIFT_4);
    long entry = step(at, needed, epoch, 4, codeIfUnreadable);
    if (entry < 0) {
      return entry;
    }
    long rights = pointer & entry & RIGHTS;
    entry = step(entryAddress(entry & TABLE, input, SHIFT_3), needed, epoch, 3, SFS_1.code);
    if (entry < 0) {
      return entry;
    }
    rights &= entry;
    if ((entry & PS) != 0) {
      return page(entry, PAGE_1G, SIZE_1G, rights);
    }
    entry = step(entryAddress(entry & TABLE, input, SHIFT_2), needed, epoch, 2, SFS_1.code);
    if (entry < 0) {
      return entry;
    }
    rights &= entry;
    if ((entry & PS) != 0) {
      return page(entry, PAGE_2M, SIZE_2M, rights);
    }
    long leafTable = (entry & TABLE) | rights;
    cacheLeafTable(leafTable, input, plan, epoch);
    return walkLeafTable(leafTable, input, plan, epoch);
  }

  @Override
  final long walkLeafTable(long pointer, long input, int plan, long epoch) {
    long at = entryAddress(pointer & TABLE, input, SHIFT_1);
    long entry = step(at, needed(plan), epoch, 1, SFS_1.code);
    return entry < 0 ? entry : page(entry, PAGE_4K, SIZE_4K, pointer & entry & RIGHTS);
  }

  private static long page(long entry, long address, int size, long rights) {
    int dirty = (entry & D) != 0 ? CacheWord.DIRTY : 0;
    return CacheWord.of(entry & address, size, (int) rights | dirty);
  }

  /**
   * Loads, judges and marks one entry.
   *
   * @param level its level; a constant at every call, so that the tests of it fold
   * @return the entry without bit 63, or the negative of the fault
   */
  final long step(long address, int needed, long epoch, int level, int codeIfUnreadable) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      long entry = memory.load64(address);
      long fault = check(entry, address, needed, level, codeIfUnreadable);
      if (fault != 0) {
        return fault;
      }
      boolean dirties =
          (needed & Access.WRITE) != 0 && (level == 1 || (level < 4 && (entry & PS) != 0));
      long marked = entry | A | (dirties ? D : 0);
      if (marked == entry
          || epoch < 0
          || memory.compareAndExchange64(address, entry, marked) == entry) {
        return (epoch < 0 ? entry : marked) & Long.MAX_VALUE;
      }
    }
    return -SFS_10.code;
  }

  private long check(long entry, long address, int needed, int level, int codeIfUnreadable) {
    long reserved = reserved(entry, level);
    long wanted = P | US | (needed & RW);
    if ((entry & wanted) == wanted && (entry & reserved) == 0 && entry != -1) {
      return 0;
    }
    if (isUnreadable(entry, address)) {
      return -codeIfUnreadable;
    }
    if ((entry & P) == 0) {
      return -SFS_2.code;
    }
    if ((entry & US) == 0) {
      return -SGN_2.code;
    }
    if ((entry & wanted) != wanted) {
      return -SGN_6.code;
    }
    return (entry & reserved) != 0 ? -SFS_3.code : 0;
  }

  private long reserved(long entry, int level) {
    boolean pageSize = (entry & PS) != 0;
    return switch (level) {
      case 1 -> reserved4K;
      case 2 -> pageSize ? reserved2M : reservedTable;
      case 3 -> pageSize ? reserved1G : reservedTable;
      default -> reservedTop;
    };
  }

  /** 48-bit canonical inputs. */
  private static final class Levels4 extends FirstStageWalk {
    Levels4(PhysicalMemory memory, TaggedCache walkCache, Capabilities capabilities) {
      super(memory, walkCache, capabilities);
    }

    @Override
    long walk(Target target, long input, int plan, long epoch) {
      if (!FirstStageEntry.isCanonical(input, SHIFT_4 + 9)) {
        return notCanonical();
      }
      return fromLevel4(target.root | RIGHTS, input, plan, epoch, SFS_4.code);
    }
  }

  /** 57-bit canonical inputs. */
  private static final class Levels5 extends FirstStageWalk {
    Levels5(PhysicalMemory memory, TaggedCache walkCache, Capabilities capabilities) {
      super(memory, walkCache, capabilities);
    }

    @Override
    long walk(Target target, long input, int plan, long epoch) {
      if (!FirstStageEntry.isCanonical(input, SHIFT_5 + 9)) {
        return notCanonical();
      }
      long at = entryAddress(target.root, input, SHIFT_5);
      long entry = step(at, needed(plan), epoch, 5, SFS_4.code);
      return entry < 0
          ? entry
          : fromLevel4(entry & (TABLE | RIGHTS), input, plan, epoch, SFS_1.code);
    }
  }
}
