package org.ioasis.amdvi.hardware;

import org.ioasis.amdvi.format.Dte;
import org.ioasis.amdvi.format.HostPde;
import org.ioasis.amdvi.format.HostPte;
import org.ioasis.api.memory.MemoryStatus;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.kit.cache.CacheWord;
import org.ioasis.kit.cache.InvalidationEpoch;
import org.ioasis.kit.cache.TagTree;
import org.ioasis.kit.cache.TaggedCache;

/**
 * The fast walk of v1 (host) tables. "I/O Page Tables", the order inside one entry: present,
 * reserved bits, rights, level. Every step goes down at least one level, so six steps bound it.
 *
 * <p>Tables of the last level are cached with the rights of the way to them. A fault below a cached
 * one is walked again from the top by the caller.
 *
 * <p><b>Threading:</b> any thread; immutable but for the walk cache.
 */
final class HostWalk {
  /** log2 of what a table of the last level spans. */
  static final int LEAF_TABLE_LG2 = 21;

  /** Bounds a compare-and-set that software keeps disturbing. */
  private static final int ATTEMPTS = 64;

  /** Instead of a page: the entry changed while it was being marked. */
  private static final long CHANGED = 0;

  /** Beside marks: D is tracked, though this access does not set it. */
  private static final long TRACKS = 1;

  private static final long PR = HostPte.PR.mask();
  private static final long A = HostPte.A.mask();
  private static final long D = HostPte.D.mask();
  private static final long LEAF_RESERVED = HostPte.LAYOUT.reserved(0);
  private static final long DIRECTORY_RESERVED = HostPde.LAYOUT.reserved(0);
  private static final long TABLE = HostPde.ADDRESS.mask();

  private final PhysicalMemory memory;
  private final TaggedCache walkCache;
  private final boolean widthUnchecked;

  HostWalk(PhysicalMemory memory, TaggedCache walkCache, Capabilities capabilities) {
    this.memory = memory;
    this.walkCache = walkCache;
    this.widthUnchecked = capabilities.choices().widthUnchecked();
  }

  /**
   * Walks from the top.
   *
   * @param device gives root, mode (1 to 6) and HAD; its rights are not looked at
   * @param needs {@link Access} bits that every level must grant (none: presence suffices), and
   *     {@link Walked#DIRTY} if the access writes, so that D is due
   * @param tag under which tables of the last level are cached, or {@link TagTree#NO_TAG}
   * @param epoch what fills are checked against, or {@link InvalidationEpoch#NO_FILL} for a walk
   *     without any effect
   * @return {@link Walked}
   */
  long walk(DeviceEntry device, long iova, int needs, int tag, long epoch) {
    if (device.mode < 6 && iova >>> HostPte.inputWidth(device.mode) != 0 && !widthUnchecked) {
      return Walked.fault(Walked.NOT_PRESENT);
    }
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      long walked = descend(device, iova, needs, tag, epoch);
      if (walked != CHANGED) {
        return walked;
      }
    }
    return Walked.unreadable(device.hostRoot, MemoryStatus.ABSENT);
  }

  private long descend(DeviceEntry device, long iova, int needs, int tag, long epoch) {
    int level = device.mode;
    long table = device.hostRoot;
    int rights = Access.READ | Access.WRITE;
    while (true) {
      long at = HostPte.entryAddress(table, iova, level);
      long entry = memory.load64(at);
      long fault = check(entry, at, rights, needs);
      if (fault != 0) {
        return fault;
      }
      int next = (int) HostPde.NEXT_LEVEL.get(entry);
      rights &= rightsOf(entry);
      if (isLeaf(next)) {
        int sizeLg2 = sizeLg2(entry, level);
        return sizeLg2 == 0
            ? Walked.fault(Walked.LEVEL)
            : leaf(entry, at, sizeLg2, marks(device, needs), epoch, rights);
      }
      if (next >= level || skipsSomething(iova, level, next)) {
        return Walked.fault(Walked.LEVEL);
      }
      table = entry & TABLE;
      level = next;
      if (level == 1 && tag != TagTree.NO_TAG && epoch >= 0) {
        walkCache.fill(epoch, tag, iova, table | rights | CacheWord.VALID);
      }
    }
  }

  /** The table of the last level for an IOVA with the rights of the way to it, 0 for none. */
  long cachedLeafTable(int tag, long iova) {
    return walkCache.lookup(tag, iova);
  }

  /**
   * Walks the last level alone.
   *
   * @param pointer from {@link #cachedLeafTable}
   * @return a page, or anything that is none: walk from the top then
   */
  long walkLeafTable(long pointer, DeviceEntry device, long iova, int needs, long epoch) {
    long at = HostPte.entryAddress(CacheWord.address(pointer), iova, 1);
    long entry = memory.load64(at);
    int rights = (int) pointer & (Access.READ | Access.WRITE);
    long fault = check(entry, at, rights, needs);
    int sizeLg2 = isLeaf((int) HostPde.NEXT_LEVEL.get(entry)) ? sizeLg2(entry, 1) : 0;
    return fault != 0 || sizeLg2 == 0
        ? CHANGED
        : leaf(entry, at, sizeLg2, marks(device, needs), epoch, rights & rightsOf(entry));
  }

  private static boolean isLeaf(int next) {
    return next == HostPte.NEXT_LEVEL_DEFAULT_SIZE || next == HostPte.NEXT_LEVEL_EXPLICIT_SIZE;
  }

  /** IR and IW as {@link Access} bits: the same two bits, lower. */
  private static int rightsOf(long entry) {
    return (int) (entry >>> HostPte.IR.shift()) & (Access.READ | Access.WRITE);
  }

  /** 0, or the fault of an entry. */
  private long check(long entry, long at, int rights, int needs) {
    if ((entry & PR) == 0) {
      return Walked.fault(Walked.NOT_PRESENT);
    }
    if (entry == -1L) {
      MemoryStatus status = memory.status(at, Long.BYTES);
      if (status != MemoryStatus.OK) {
        return Walked.unreadable(at, status);
      }
    }
    boolean leaf = isLeaf((int) HostPde.NEXT_LEVEL.get(entry));
    if ((entry & (leaf ? LEAF_RESERVED : DIRECTORY_RESERVED)) != 0) {
      return Walked.fault(Walked.RESERVED);
    }
    int needed = needs & (Access.READ | Access.WRITE);
    return (rights & rightsOf(entry) & needed) == needed ? 0 : Walked.fault(Walked.DENIED);
  }

  /** Whether bits of the IOVA that no table looks at are not 0. */
  private static boolean skipsSomething(long iova, int level, int next) {
    if (next == level - 1) {
      return false;
    }
    long from = -1L << HostPte.defaultSizeLg2(next + 1);
    long to = -1L << HostPte.defaultSizeLg2(level);
    return (iova & from & ~to) != 0;
  }

  /** The bits of a leaf that the access makes 1. */
  private static long marks(DeviceEntry device, int needs) {
    return switch (device.had) {
      case Dte.HAD_NONE -> 0;
      case Dte.HAD_DIRTY -> (needs & Walked.DIRTY) != 0 ? A | D : A | TRACKS;
      default -> A;
    };
  }

  /** Marks a leaf; {@link #CHANGED} if it is not what it was any more. */
  private long leaf(long entry, long at, int sizeLg2, long marks, long epoch, int rights) {
    long marked = entry | (marks & (A | D));
    if (marked != entry && epoch >= 0 && memory.compareAndExchange64(at, entry, marked) != entry) {
      return CHANGED;
    }
    boolean clean = (marks & (D | TRACKS)) != 0 && (marked & D) == 0;
    return Walked.page(
        entry & TABLE & -(1L << sizeLg2), sizeLg2, rights | (clean ? 0 : Walked.DIRTY));
  }

  /** log2 of the page of a leaf, 0 if it is no legal one. */
  private static int sizeLg2(long entry, int level) {
    if (HostPte.NEXT_LEVEL.get(entry) == HostPte.NEXT_LEVEL_DEFAULT_SIZE) {
      return level < 6 ? HostPte.defaultSizeLg2(level) : 0;
    }
    int lg2 = HostPte.explicitSizeLg2(entry);
    return HostPte.isLegalSize(lg2, level) ? lg2 : 0;
  }
}
