package org.ioasis.vtd.hardware;

import static org.ioasis.vtd.format.FaultReason.*;

import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.kit.cache.TaggedCache;
import org.ioasis.vtd.format.FirstStageEntry;

/**
 * First-stage tables of four and five levels. VT-d, "First-Stage Translation". What one entry means
 * is {@link FirstStageRules}' to say.
 *
 * <p>A is set in every entry used, D in the leaf of a write, by compare-and-exchange of the whole
 * entry that was judged; when another agent changed it meanwhile, the entry is judged anew.
 */
abstract class FirstStageWalk extends StageWalk {
  private static final long RIGHTS = FirstStageRules.RIGHTS;
  private static final long PS = FirstStageRules.PS;
  private static final long TABLE = FirstStageRules.TABLE;

  final FirstStageRules rules;

  private FirstStageWalk(PhysicalMemory memory, TaggedCache walkCache, FirstStageRules rules) {
    super(memory, walkCache);
    this.rules = rules;
  }

  /**
   * The walk for a depth.
   *
   * @param levels 4 or 5
   * @param rules what entries mean
   */
  static FirstStageWalk of(
      int levels, PhysicalMemory memory, TaggedCache walkCache, FirstStageRules rules) {
    return levels == 5
        ? new Levels5(memory, walkCache, rules)
        : new Levels4(memory, walkCache, rules);
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
    int ask = rules.ask(needed(plan));
    long at = entryAddress(pointer & TABLE, input, SHIFT_4);
    long entry = step(at, ask, pointer, epoch, 4, codeIfUnreadable);
    if (entry < 0) {
      return entry;
    }
    long rights = pointer & entry & RIGHTS;
    at = entryAddress(entry & TABLE, input, SHIFT_3);
    entry = step(at, ask, rights, epoch, 3, SFS_1.code);
    if (entry < 0) {
      return entry;
    }
    rights &= entry;
    if ((entry & PS) != 0) {
      return rules.page(entry, 3, rights, needed(plan));
    }
    at = entryAddress(entry & TABLE, input, SHIFT_2);
    entry = step(at, ask, rights, epoch, 2, SFS_1.code);
    if (entry < 0) {
      return entry;
    }
    rights &= entry;
    if ((entry & PS) != 0) {
      return rules.page(entry, 2, rights, needed(plan));
    }
    long leafTable = (entry & TABLE) | rights;
    cacheLeafTable(leafTable, input, plan, epoch);
    return walkLeafTable(leafTable, input, plan, epoch);
  }

  @Override
  final long walkLeafTable(long pointer, long input, int plan, long epoch) {
    long at = entryAddress(pointer & TABLE, input, SHIFT_1);
    int needed = needed(plan);
    long entry = step(at, rules.ask(needed), pointer, epoch, 1, SFS_1.code);
    return entry < 0 ? entry : rules.page(entry, 1, pointer & entry, needed);
  }

  /**
   * Loads, judges and marks one entry.
   *
   * @param rights of the levels above, in their bits
   * @param level its level; a constant at every call, so that the tests of it fold
   * @return the entry without bit 63, or the negative of the fault
   */
  final long step(long address, int ask, long rights, long epoch, int level, int codeIfUnreadable) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      long entry = memory.load64(address);
      long fault = rules.check(entry, address, ask, rights, level, codeIfUnreadable);
      if (fault != 0) {
        return fault;
      }
      long marked = rules.marked(entry, ask, level);
      if (marked == entry) {
        return entry & Long.MAX_VALUE;
      }
      if (!rules.coherent) {
        return -SFS_9.code;
      }
      if (epoch < 0) {
        return entry & Long.MAX_VALUE;
      }
      if (memory.compareAndExchange64(address, entry, marked) == entry) {
        return marked & Long.MAX_VALUE;
      }
    }
    return -SFS_10.code;
  }

  /** 48-bit canonical inputs. */
  private static final class Levels4 extends FirstStageWalk {
    Levels4(PhysicalMemory memory, TaggedCache walkCache, FirstStageRules rules) {
      super(memory, walkCache, rules);
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
    Levels5(PhysicalMemory memory, TaggedCache walkCache, FirstStageRules rules) {
      super(memory, walkCache, rules);
    }

    @Override
    long walk(Target target, long input, int plan, long epoch) {
      if (!FirstStageEntry.isCanonical(input, SHIFT_5 + 9)) {
        return notCanonical();
      }
      long at = entryAddress(target.root, input, SHIFT_5);
      long entry = step(at, rules.ask(needed(plan)), RIGHTS, epoch, 5, SFS_4.code);
      return entry < 0
          ? entry
          : fromLevel4(entry & (TABLE | RIGHTS), input, plan, epoch, SFS_1.code);
    }
  }
}
