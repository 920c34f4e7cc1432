package org.ioasis.vtd.hardware;

import static org.ioasis.vtd.format.FaultReason.*;

import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.kit.cache.CacheWord;
import org.ioasis.vtd.format.FirstStageEntry;

/**
 * One entry of first-stage tables: judged, and what it becomes. VT-d, "First-Stage Paging Entries".
 * Order: access, P, U/S, R/W, execute, reserved bits, accessed and dirty.
 *
 * <p>A request is turned into an <em>ask</em> once per walk, see {@link #ask}. Rights travel beside
 * table addresses as the bits P, R/W and U/S of the levels so far, ANDed.
 *
 * <p><b>Threading:</b> any thread; immutable.
 */
final class FirstStageRules {
  private static final long P = FirstStageEntry.P.mask();
  private static final long RW = FirstStageEntry.RW.mask();
  private static final long US = FirstStageEntry.US.mask();
  private static final long A = FirstStageEntry.A.mask();
  private static final long D = FirstStageEntry.D.mask();
  private static final long EA = FirstStageEntry.EA.mask();
  private static final long XD = FirstStageEntry.XD.mask();

  /** What travels beside a table address. */
  static final long RIGHTS = P | RW | US;

  static final long PS = FirstStageEntry.PS.mask();
  static final long TABLE = FirstStageEntry.TABLE.mask();
  private static final long PAGE_1G = FirstStageEntry.ADDR_1G.mask();
  private static final long PAGE_2M = FirstStageEntry.ADDR_2M.mask();
  private static final long PAGE_4K = FirstStageEntry.ADDR_4K.mask();

  // Bits of an ask; 2:0 are the bits P, R/W and U/S that every entry must have.
  private static final int WANTED = (int) RIGHTS;
  private static final int WRITES = 1 << 3;
  private static final int NO_XD = 1 << 4;
  private static final int NO_USER_PAGE = 1 << 5;

  private final PhysicalMemory memory;
  private final long reservedTop;
  private final long reservedTable;
  private final long reserved1G;
  private final long reserved2M;
  private final long reserved4K;
  private final long accessed;
  private final boolean executeDisable;
  private final boolean writeProtect;
  private final boolean supervisorExecuteProtect;
  private final int pageFlags;

  /** Whether A, D and EA can be set. */
  final boolean coherent;

  FirstStageRules(PhysicalMemory memory, Capabilities capabilities, StageControls controls) {
    this.memory = memory;
    this.reservedTop = reserved(capabilities, 4, false);
    this.reservedTable = reserved(capabilities, 2, false);
    this.reserved1G = reserved(capabilities, 3, true);
    this.reserved2M = reserved(capabilities, 2, true);
    this.reserved4K = reserved(capabilities, 1, false);
    this.accessed = controls.extendedAccessed() ? A | EA : A;
    this.executeDisable = controls.executeDisable();
    this.writeProtect = controls.writeProtect();
    this.supervisorExecuteProtect = controls.supervisorExecuteProtect();
    this.pageFlags = controls.snoops() ? CacheWord.SNOOP : 0;
    this.coherent = controls.firstCoherent();
  }

  private static long reserved(Capabilities capabilities, int level, boolean pageSize) {
    return FirstStageEntry.reserved(
        level, pageSize, capabilities.haw(), capabilities.firstStage1G());
  }

  /** What a request wants of every entry, from the needed rights of a plan. */
  int ask(int needed) {
    int writes = (needed & Access.WRITE) != 0 ? WRITES : 0;
    if ((needed & (Access.EXECUTE | StageWalk.PRIVILEGED)) == 0) {
      return (int) (P | US) | (needed & (int) RW) | writes;
    }
    boolean privileged = (needed & StageWalk.PRIVILEGED) != 0;
    boolean executes = (needed & Access.EXECUTE) != 0;
    int wanted = (int) P;
    if (!privileged) {
      wanted |= (int) US;
    }
    if (!privileged || writeProtect) {
      wanted |= needed & (int) RW;
    }
    return wanted
        | writes
        | (executes && executeDisable ? NO_XD : 0)
        | (executes && privileged && supervisorExecuteProtect ? NO_USER_PAGE : 0);
  }

  /** Whether an entry of a level is a leaf; levels as the specification counts. */
  static boolean isLeaf(long entry, int level) {
    return level == 1 || (level < 4 && (entry & PS) != 0);
  }

  /**
   * Judges one entry.
   *
   * @param rights of the levels above
   * @param level its level
   * @return 0, or the negative of the fault
   */
  long check(long entry, long address, int ask, long rights, int level, int codeIfUnreadable) {
    long reserved = reserved(entry, level);
    long wanted = ask & WANTED;
    long forbidden = ask <= (WANTED | WRITES) ? 0 : forbidden(entry, ask, rights, level);
    if ((entry & wanted) == wanted && (entry & (reserved | forbidden)) == 0 && entry != -1) {
      return 0;
    }
    if (StageWalk.isUnreadable(memory, entry, address)) {
      return -codeIfUnreadable;
    }
    if ((entry & P) == 0) {
      return -SFS_2.code;
    }
    long missing = wanted & ~entry;
    if ((missing & US) != 0) {
      return -SGN_2.code;
    }
    if (missing != 0) {
      return -SGN_6.code;
    }
    if ((entry & forbidden) != 0) {
      return -SGN_3.code;
    }
    return (entry & reserved) != 0 ? -SFS_3.code : 0;
  }

  private static long forbidden(long entry, int ask, long rights, int level) {
    boolean userSoFar = (rights & US) != 0 && isLeaf(entry, level);
    return ((ask & NO_XD) != 0 ? XD : 0) | ((ask & NO_USER_PAGE) != 0 && userSoFar ? US : 0);
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

  /** The entry as the walk leaves it. */
  long marked(long entry, int ask, int level) {
    return entry | accessed | ((ask & WRITES) != 0 && isLeaf(entry, level) ? D : 0);
  }

  /**
   * The word of a leaf.
   *
   * @param level its level
   * @param rights of all levels, this one included
   * @param needed of the plan
   */
  long page(long entry, int level, long rights, int needed) {
    long address =
        switch (level) {
          case 3 -> PAGE_1G;
          case 2 -> PAGE_2M;
          default -> PAGE_4K;
        };
    int dirty = (entry & D) != 0 ? CacheWord.DIRTY : 0;
    boolean ignoresRw = (needed & StageWalk.PRIVILEGED) != 0 && !writeProtect;
    int allowed = (int) (rights & (P | RW)) | (ignoresRw ? Access.WRITE : 0);
    return CacheWord.of(entry & address, level - 1, allowed | dirty | pageFlags);
  }
}
