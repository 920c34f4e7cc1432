package org.ioasis.vtd.hardware;

import static org.ioasis.vtd.format.FaultReason.*;

import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.kit.cache.CacheWord;
import org.ioasis.vtd.format.FaultReason;
import org.ioasis.vtd.format.SecondStageEntry;

/**
 * One entry of second-stage tables: loaded, judged, marked. VT-d, "Second-Stage Paging Entries".
 * Order: access, presence, rights, reserved bits, accessed and dirty.
 *
 * <p>With SSADE, A is set in every entry used and D in the leaf of a write, by compare-and-exchange
 * of the whole entry that was judged; when another agent changed it meanwhile, the entry is judged
 * anew.
 *
 * <p><b>Threading:</b> any thread; immutable.
 */
final class SecondStageRules {
  static final long RW = SecondStageEntry.R.mask() | SecondStageEntry.W.mask();
  static final long PS = SecondStageEntry.PS.mask();
  static final long TABLE = SecondStageEntry.TABLE.mask();
  private static final long PAGE_1G = SecondStageEntry.ADDR_1G.mask();
  private static final long PAGE_2M = SecondStageEntry.ADDR_2M.mask();
  private static final long PAGE_4K = SecondStageEntry.ADDR_4K.mask();
  private static final long A = SecondStageEntry.A.mask();
  private static final long D = SecondStageEntry.D.mask();
  private static final int SNP_TO_SNOOP =
      Long.numberOfTrailingZeros(SecondStageEntry.SNP.mask())
          - Integer.numberOfTrailingZeros(CacheWord.SNOOP);

  private final PhysicalMemory memory;
  private final boolean scalable;
  private final long reservedTop;
  private final long reservedTable;
  private final long reserved1G;
  private final long reserved2M;
  private final long reserved4K;
  private final boolean coherent;

  /** Any of them makes an entry present. */
  private final long present;

  /** A if entries are marked, else 0. */
  private final long accessed;

  /** Set in pages that need no D any more. */
  private final long clean;

  /** Faults of an unreadable top table, and of a lower one: they differ by mode. */
  final int topUnreadable;

  final int unreadable;

  SecondStageRules(
      PhysicalMemory memory, Capabilities capabilities, StageControls controls, boolean scalable) {
    this.memory = memory;
    this.scalable = scalable;
    this.reservedTop = reserved(capabilities, 4, false);
    this.reservedTable = reserved(capabilities, 2, false);
    this.reserved1G = reserved(capabilities, 3, true);
    this.reserved2M = reserved(capabilities, 2, true);
    this.reserved4K = reserved(capabilities, 1, false);
    this.coherent = controls.secondCoherent();
    this.present = controls.secondExecutes() ? RW | SecondStageEntry.X.mask() : RW;
    this.accessed = controls.secondMarks() ? A : 0;
    this.clean = controls.secondMarks() ? 0 : D;
    this.topUnreadable = code(LCT_4, SSS_4);
    this.unreadable = code(LSL_1, SSS_1);
  }

  private static long reserved(Capabilities capabilities, int level, boolean pageSize) {
    return SecondStageEntry.reserved(
        level, pageSize, capabilities.haw(), capabilities.snoopControl(), capabilities.sslpsMask());
  }

  private int code(FaultReason inLegacy, FaultReason inScalable) {
    return scalable ? inScalable.code : inLegacy.code;
  }

  int interruptRange() {
    return code(LGN_4, SGN_8);
  }

  /** Fault of an input beyond the width of the tables. */
  long beyond() {
    return -code(LGN_1, SGN_5);
  }

  /** Of the rights that a request needs, those that entries of these tables have a bit for. */
  int judged(int needed) {
    return needed & (int) present;
  }

  /** Whether an entry of a level is a leaf; levels as the specification counts. */
  static boolean isLeaf(long entry, int level) {
    return level == 1 || (level < 4 && (entry & PS) != 0);
  }

  /**
   * Loads, judges and marks one entry.
   *
   * @param needed what {@link #judged} gave
   * @param level its level; a constant at most calls, so that the tests of it fold
   * @return the entry without bit 63, or the negative of the fault
   */
  long step(long address, int needed, long epoch, int level, int codeIfUnreadable) {
    for (int attempt = 0; attempt < StageWalk.ATTEMPTS; attempt++) {
      long entry = memory.load64(address);
      long fault = check(entry, address, needed, reserved(entry, level), codeIfUnreadable);
      if (fault != 0) {
        return fault;
      }
      long marked = entry | accessed;
      if (accessed != 0 && (needed & Access.WRITE) != 0 && isLeaf(entry, level)) {
        marked |= D;
      }
      if (marked == entry) {
        return entry & Long.MAX_VALUE;
      }
      if (!coherent) {
        return -SSS_5.code;
      }
      if (epoch < 0) {
        return entry & Long.MAX_VALUE;
      }
      if (memory.compareAndExchange64(address, entry, marked) == entry) {
        return marked & Long.MAX_VALUE;
      }
    }
    return -SSS_6.code;
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

  /** 0, or the negative of the fault. */
  private long check(long entry, long address, int needed, long reserved, int codeIfUnreadable) {
    if ((entry & needed) == needed && (entry & present) != 0 && (entry & reserved) == 0) {
      return 0;
    }
    if (StageWalk.isUnreadable(memory, entry, address)) {
      return -codeIfUnreadable;
    }
    if ((entry & present) == 0) {
      return -code((needed & Access.WRITE) != 0 ? LGN_2 : LGN_3, SSS_2);
    }
    long missing = needed & ~entry;
    if ((missing & Access.WRITE) != 0) {
      return -code(LGN_2, SGN_6);
    }
    if ((missing & Access.READ) != 0) {
      return -code(LGN_3, SGN_7);
    }
    return missing != 0 ? -SGN_3.code : -code(LSL_2, SSS_3);
  }

  /**
   * The word of a leaf.
   *
   * @param level its level
   * @param rights of all levels, this one included
   */
  long page(long entry, int level, long rights) {
    long address =
        switch (level) {
          case 3 -> PAGE_1G;
          case 2 -> PAGE_2M;
          default -> PAGE_4K;
        };
    int dirty = ((entry | clean) & D) != 0 ? CacheWord.DIRTY : 0;
    int snoop = (int) (entry & SecondStageEntry.SNP.mask()) >>> SNP_TO_SNOOP;
    return CacheWord.of(entry & address, level - 1, (int) (rights & RW) | dirty | snoop);
  }
}
