package org.ioasis.vtd.hardware;

import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.kit.cache.TaggedCache;

/**
 * Second-stage tables of legacy and scalable mode: three, four and five levels, one final class
 * each. VT-d, "Second-Stage Translation". What one entry means is {@link SecondStageRules}' to say.
 */
abstract class SecondStageWalk extends StageWalk {
  private static final long RW = SecondStageRules.RW;
  private static final long PS = SecondStageRules.PS;
  private static final long TABLE = SecondStageRules.TABLE;

  final SecondStageRules rules;

  private SecondStageWalk(PhysicalMemory memory, TaggedCache walkCache, SecondStageRules rules) {
    super(memory, walkCache);
    this.rules = rules;
  }

  /**
   * The walk for a depth.
   *
   * @param levels 3 to 5
   * @param rules what entries mean
   */
  static SecondStageWalk of(
      int levels, PhysicalMemory memory, TaggedCache walkCache, SecondStageRules rules) {
    return switch (levels) {
      case 3 -> new Levels3(memory, walkCache, rules);
      case 4 -> new Levels4(memory, walkCache, rules);
      default -> new Levels5(memory, walkCache, rules);
    };
  }

  @Override
  final int interruptRange() {
    return rules.interruptRange();
  }

  @Override
  final boolean keepsRefusals() {
    return true;
  }

  /** Levels 3 to 1; {@code pointer} is the level 3 table and the rights so far. */
  final long fromLevel3(long pointer, long input, int plan, long epoch, int codeIfUnreadable) {
    int needed = rules.judged(needed(plan));
    long at = entryAddress(pointer & TABLE, input, SHIFT_3);
    long entry = rules.step(at, needed, epoch, 3, codeIfUnreadable);
    if (entry < 0) {
      return entry;
    }
    long rights = pointer & entry & RW;
    if ((entry & PS) != 0) {
      return rules.page(entry, 3, rights);
    }
    at = entryAddress(entry & TABLE, input, SHIFT_2);
    entry = rules.step(at, needed, epoch, 2, rules.unreadable);
    if (entry < 0) {
      return entry;
    }
    rights &= entry;
    if ((entry & PS) != 0) {
      return rules.page(entry, 2, rights);
    }
    long leafTable = (entry & TABLE) | rights;
    cacheLeafTable(leafTable, input, plan, epoch);
    return walkLeafTable(leafTable, input, plan, epoch);
  }

  @Override
  final long walkLeafTable(long pointer, long input, int plan, long epoch) {
    long at = entryAddress(pointer & TABLE, input, SHIFT_1);
    int needed = rules.judged(needed(plan));
    long entry = rules.step(at, needed, epoch, 1, rules.unreadable);
    return entry < 0 ? entry : rules.page(entry, 1, pointer & entry);
  }

  /**
   * One level above 3.
   *
   * @param pointer this level's table and the rights so far
   * @return the next table and the rights with this entry's, or a fault
   */
  final long upper(long pointer, long address, int plan, long epoch, int codeIfUnreadable) {
    int needed = rules.judged(needed(plan));
    long entry = rules.step(address, needed, epoch, 4, codeIfUnreadable);
    return entry < 0 ? entry : (entry & TABLE) | (pointer & entry & RW);
  }

  /** 39-bit inputs. */
  private static final class Levels3 extends SecondStageWalk {
    Levels3(PhysicalMemory memory, TaggedCache walkCache, SecondStageRules rules) {
      super(memory, walkCache, rules);
    }

    @Override
    long walk(Target target, long input, int plan, long epoch) {
      if (input >>> target.width != 0) {
        return rules.beyond();
      }
      return fromLevel3(target.root | RW, input, plan, epoch, rules.topUnreadable);
    }
  }

  /** 48-bit inputs. */
  private static final class Levels4 extends SecondStageWalk {
    Levels4(PhysicalMemory memory, TaggedCache walkCache, SecondStageRules rules) {
      super(memory, walkCache, rules);
    }

    @Override
    long walk(Target target, long input, int plan, long epoch) {
      if (input >>> target.width != 0) {
        return rules.beyond();
      }
      long at = entryAddress(target.root, input, SHIFT_4);
      long pointer = upper(RW, at, plan, epoch, rules.topUnreadable);
      return pointer < 0 ? pointer : fromLevel3(pointer, input, plan, epoch, rules.unreadable);
    }
  }

  /** 57-bit inputs. */
  private static final class Levels5 extends SecondStageWalk {
    Levels5(PhysicalMemory memory, TaggedCache walkCache, SecondStageRules rules) {
      super(memory, walkCache, rules);
    }

    @Override
    long walk(Target target, long input, int plan, long epoch) {
      if (input >>> target.width != 0) {
        return rules.beyond();
      }
      long pointer =
          upper(RW, entryAddress(target.root, input, SHIFT_5), plan, epoch, rules.topUnreadable);
      if (pointer >= 0) {
        long at = entryAddress(pointer & TABLE, input, SHIFT_4);
        pointer = upper(pointer, at, plan, epoch, rules.unreadable);
      }
      return pointer < 0 ? pointer : fromLevel3(pointer, input, plan, epoch, rules.unreadable);
    }
  }
}
