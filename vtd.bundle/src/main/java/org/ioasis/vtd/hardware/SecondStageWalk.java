package org.ioasis.vtd.hardware;

import static org.ioasis.vtd.format.FaultReason.*;

import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.kit.cache.CacheWord;
import org.ioasis.kit.cache.TaggedCache;
import org.ioasis.vtd.format.FaultReason;
import org.ioasis.vtd.format.SecondStageEntry;

/**
 * Second-stage tables of legacy and scalable mode: three, four and five levels, one final class
 * each. VT-d, "Second-Stage Translation". Order inside one entry: access, rights, reserved bits,
 * leaf.
 */
abstract class SecondStageWalk extends StageWalk {
  private static final long RW = SecondStageEntry.R.mask() | SecondStageEntry.W.mask();
  private static final long PS = SecondStageEntry.PS.mask();
  private static final long TABLE = SecondStageEntry.TABLE.mask();
  private static final long PAGE_1G = SecondStageEntry.ADDR_1G.mask();
  private static final long PAGE_2M = SecondStageEntry.ADDR_2M.mask();
  private static final long PAGE_4K = SecondStageEntry.ADDR_4K.mask();

  private final boolean scalable;
  private final long reservedTop;
  private final long reservedTable;
  private final long reserved1G;
  private final long reserved2M;
  private final long reserved4K;

  /** Faults of an unreadable top table, and of a lower one: they differ by mode. */
  final int topUnreadable;

  final int unreadable;

  private SecondStageWalk(
      PhysicalMemory memory, TaggedCache walkCache, Capabilities capabilities, boolean scalable) {
    super(memory, walkCache);
    this.scalable = scalable;
    this.reservedTop = reserved(capabilities, 4, false);
    this.reservedTable = reserved(capabilities, 2, false);
    this.reserved1G = reserved(capabilities, 3, true);
    this.reserved2M = reserved(capabilities, 2, true);
    this.reserved4K = reserved(capabilities, 1, false);
    this.topUnreadable = code(LCT_4, SSS_4);
    this.unreadable = code(LSL_1, SSS_1);
  }

  /**
   * The walk for a depth.
   *
   * @param levels 3 to 5
   * @param scalable whether faults have the numbers of scalable mode
   */
  static SecondStageWalk of(
      int levels,
      PhysicalMemory memory,
      TaggedCache walkCache,
      Capabilities capabilities,
      boolean scalable) {
    return switch (levels) {
      case 3 -> new Levels3(memory, walkCache, capabilities, scalable);
      case 4 -> new Levels4(memory, walkCache, capabilities, scalable);
      default -> new Levels5(memory, walkCache, capabilities, scalable);
    };
  }

  private static long reserved(Capabilities capabilities, int level, boolean pageSize) {
    return SecondStageEntry.reserved(
        level, pageSize, capabilities.haw(), capabilities.snoopControl(), capabilities.sslpsMask());
  }

  private int code(FaultReason inLegacy, FaultReason inScalable) {
    return scalable ? inScalable.code : inLegacy.code;
  }

  @Override
  final int interruptRange() {
    return code(LGN_4, SGN_8);
  }

  /** Fault of an input beyond the width of the tables. */
  final long beyond() {
    return -code(LGN_1, SGN_5);
  }

  /**
   * One level above 3.
   *
   * @param pointer this level's table and the rights so far
   * @param codeIfUnreadable fault if the entry cannot be read
   * @return the next table and the rights with this entry's, or a fault
   */
  final long upper(long pointer, long address, int needed, int codeIfUnreadable) {
    long entry = memory.load64(address);
    long fault = check(entry, address, needed, reservedTop, codeIfUnreadable);
    return fault != 0 ? fault : (entry & TABLE) | (pointer & entry & RW);
  }

  /** Levels 3 to 1; {@code pointer} is the level 3 table and the rights so far. */
  final long fromLevel3(long pointer, long input, int plan, long epoch, int codeIfUnreadable) {
    int needed = needed(plan);
    long at = entryAddress(pointer & TABLE, input, SHIFT_3);
    long entry = memory.load64(at);
    boolean leaf = (entry & PS) != 0;
    long fault = check(entry, at, needed, leaf ? reserved1G : reservedTable, codeIfUnreadable);
    if (fault != 0) {
      return fault;
    }
    long rights = pointer & entry & RW;
    if (leaf) {
      return page(entry & PAGE_1G, SIZE_1G, rights);
    }
    at = entryAddress(entry & TABLE, input, SHIFT_2);
    entry = memory.load64(at);
    leaf = (entry & PS) != 0;
    fault = check(entry, at, needed, leaf ? reserved2M : reservedTable, unreadable);
    if (fault != 0) {
      return fault;
    }
    rights &= entry;
    if (leaf) {
      return page(entry & PAGE_2M, SIZE_2M, rights);
    }
    long leafTable = (entry & TABLE) | rights;
    cacheLeafTable(leafTable, input, plan, epoch);
    return walkLeafTable(leafTable, input, plan, epoch);
  }

  @Override
  final long walkLeafTable(long pointer, long input, int plan, long epoch) {
    long at = entryAddress(pointer & TABLE, input, SHIFT_1);
    long entry = memory.load64(at);
    long fault = check(entry, at, needed(plan), reserved4K, unreadable);
    return fault != 0 ? fault : page(entry & PAGE_4K, SIZE_4K, pointer & entry & RW);
  }

  private static long page(long base, int size, long rights) {
    return CacheWord.of(base, size, (int) rights | CacheWord.DIRTY);
  }

  /** 0, or the negative of the fault. */
  private long check(long entry, long address, int needed, long reserved, int codeIfUnreadable) {
    if ((entry & needed) == needed && (entry & RW) != 0 && (entry & reserved) == 0) {
      return 0;
    }
    if (isUnreadable(entry, address)) {
      return -codeIfUnreadable;
    }
    if ((entry & RW) == 0) {
      return -code((needed & Access.WRITE) != 0 ? LGN_2 : LGN_3, SSS_2);
    }
    if ((entry & needed) != needed) {
      boolean noWrite = (needed & ~entry & Access.WRITE) != 0;
      return -(noWrite ? code(LGN_2, SGN_6) : code(LGN_3, SGN_7));
    }
    return -code(LSL_2, SSS_3);
  }

  /** 39-bit inputs. */
  private static final class Levels3 extends SecondStageWalk {
    Levels3(PhysicalMemory memory, TaggedCache walkCache, Capabilities caps, boolean scalable) {
      super(memory, walkCache, caps, scalable);
    }

    @Override
    long walk(Target target, long input, int plan, long epoch) {
      if (input >>> target.width != 0) {
        return beyond();
      }
      return fromLevel3(target.root | RW, input, plan, epoch, topUnreadable);
    }
  }

  /** 48-bit inputs. */
  private static final class Levels4 extends SecondStageWalk {
    Levels4(PhysicalMemory memory, TaggedCache walkCache, Capabilities caps, boolean scalable) {
      super(memory, walkCache, caps, scalable);
    }

    @Override
    long walk(Target target, long input, int plan, long epoch) {
      if (input >>> target.width != 0) {
        return beyond();
      }
      long at = entryAddress(target.root, input, SHIFT_4);
      long pointer = upper(RW, at, needed(plan), topUnreadable);
      return pointer < 0 ? pointer : fromLevel3(pointer, input, plan, epoch, unreadable);
    }
  }

  /** 57-bit inputs. */
  private static final class Levels5 extends SecondStageWalk {
    Levels5(PhysicalMemory memory, TaggedCache walkCache, Capabilities caps, boolean scalable) {
      super(memory, walkCache, caps, scalable);
    }

    @Override
    long walk(Target target, long input, int plan, long epoch) {
      if (input >>> target.width != 0) {
        return beyond();
      }
      int needed = needed(plan);
      long pointer = upper(RW, entryAddress(target.root, input, SHIFT_5), needed, topUnreadable);
      if (pointer >= 0) {
        long at = entryAddress(pointer & TABLE, input, SHIFT_4);
        pointer = upper(pointer, at, needed, unreadable);
      }
      return pointer < 0 ? pointer : fromLevel3(pointer, input, plan, epoch, unreadable);
    }
  }
}
