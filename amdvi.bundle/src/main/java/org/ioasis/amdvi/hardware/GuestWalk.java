package org.ioasis.amdvi.hardware;

import org.ioasis.amdvi.format.Gcr3Entry;
import org.ioasis.amdvi.format.GuestPte;
import org.ioasis.api.memory.MemoryStatus;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.kit.cache.CacheWord;
import org.ioasis.kit.cache.InvalidationEpoch;
import org.ioasis.kit.cache.TagTree;
import org.ioasis.kit.cache.TaggedCache;

/**
 * The fast walk of GCR3 and v2 (guest) tables. Every address in them is a system physical one, or,
 * where the device has host tables too, a guest physical one that goes through those first: that is
 * what {@link HostSide} does. "Guest Page Tables", "Guest CR3 Table".
 *
 * <p>A is set in every entry that is used, D in the leaf of a write. Three GCR3 levels and five
 * table levels bound a walk.
 *
 * <p><b>Threading:</b> any thread; immutable but for the walk cache.
 */
final class GuestWalk {
  /** What host tables under the guest ones make of an address. */
  @FunctionalInterface
  interface HostSide {
    /**
     * The system physical address of a byte.
     *
     * @param needs {@link HostWalk#walk}
     * @return the address, or a fault of {@link Walked} that is marked as nested
     */
    long address(DeviceEntry device, long guestAddress, int needs, long epoch);
  }

  private static final int ATTEMPTS = 64;

  /** Instead of a page: an entry changed while it was being marked. */
  private static final long CHANGED = 0;

  private static final int READS = Access.READ, WRITES = Access.WRITE | Walked.DIRTY;
  private static final long P = GuestPte.P.mask();
  private static final long RW = GuestPte.RW.mask();
  private static final long US = GuestPte.US.mask();
  private static final long A = GuestPte.A.mask();
  private static final long D = GuestPte.D.mask();
  private static final long PS = GuestPte.PS.mask();
  private static final long NX = GuestPte.NX.mask();

  private final PhysicalMemory memory;
  private final TaggedCache walkCache;
  private final HostSide host;
  private final boolean noExecute;

  GuestWalk(
      PhysicalMemory memory, TaggedCache walkCache, Capabilities capabilities, HostSide host) {
    this.memory = memory;
    this.walkCache = walkCache;
    this.host = host;
    this.noExecute = capabilities.noExecute();
  }

  /**
   * The root of the v2 table of a PASID.
   *
   * @param rootIsGuestAddress whether the root of the GCR3 table is a GPA; what lies below it is
   *     one whenever the device has host tables
   * @return the root, or a fault
   */
  long root(DeviceEntry device, int pasid, boolean rootIsGuestAddress, long epoch) {
    boolean nested = device.mode != 0;
    boolean through = nested && rootIsGuestAddress;
    long table = device.gcr3Root;
    for (int level = device.glx; level >= 0; level--) {
      long at = table + (long) Gcr3Entry.BYTES * Gcr3Entry.index(pasid, level);
      if (through) {
        at = host.address(device, at, READS, epoch);
        if (Walked.isFault(at)) {
          return at;
        }
      }
      long entry = memory.load64(at);
      long fault = unreadable(entry, at);
      if (fault != 0) {
        return fault;
      }
      if (!Gcr3Entry.V.isSet(entry)) {
        return Walked.fault(Walked.NOT_PRESENT);
      }
      if ((entry & Gcr3Entry.LAYOUT.reserved(0)) != 0) {
        return Walked.fault(Walked.RESERVED);
      }
      table = Gcr3Entry.ADDRESS.inPlace(entry);
      through = nested;
    }
    return table;
  }

  /**
   * Walks from the top.
   *
   * @param root {@link #root}
   * @param needs {@link Access} bits that must be granted (none: presence suffices), {@link
   *     Walked#SUPERVISOR} for a supervisor's access, and {@link Walked#DIRTY} if it writes
   * @param tag under which tables of the last level are cached, or {@link TagTree#NO_TAG}
   * @param epoch or {@link InvalidationEpoch#NO_FILL} for a walk without any effect
   * @return {@link Walked}; the page is a guest physical one where the device has host tables
   */
  long walk(DeviceEntry device, long root, long address, int needs, int tag, long epoch) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      long walked = descend(device, root, address, needs, tag, epoch);
      if (walked != CHANGED) {
        return walked;
      }
    }
    return Walked.unreadable(root, MemoryStatus.ABSENT);
  }

  private long descend(
      DeviceEntry device, long root, long address, int needs, int tag, long epoch) {
    long table = root;
    int rights = Access.READ | Access.WRITE | Access.EXECUTE;
    for (int level = device.guestLevels; level > 1; level--) {
      long at = place(device, table, address, level, epoch);
      if (Walked.isFault(at)) {
        return at;
      }
      long entry = memory.load64(at);
      long fault = check(entry, at, level);
      if (fault != 0) {
        return fault;
      }
      rights = and(rights, entry);
      if ((entry & PS) != 0) {
        return leaf(
            device,
            GuestPte.entryAddress(table, address, level),
            at,
            level,
            entry,
            rights,
            needs,
            epoch);
      }
      long marked = mark(device, GuestPte.entryAddress(table, address, level), at, entry, A, epoch);
      if (marked != entry) {
        return marked;
      }
      table = GuestPte.ADDRESS.inPlace(entry);
    }
    if (tag != TagTree.NO_TAG && epoch >= 0) {
      walkCache.fill(epoch, tag, address, table | rights | CacheWord.VALID);
    }
    return last(device, table, address, rights, needs, epoch);
  }

  /** The table of the last level for an address with the rights of the way to it, 0 for none. */
  long cachedLeafTable(int tag, long address) {
    return walkCache.lookup(tag, address);
  }

  /**
   * Walks the last level alone.
   *
   * @param pointer from {@link #cachedLeafTable}
   * @return a page, or anything that is none: walk from the top then
   */
  long walkLeafTable(long pointer, DeviceEntry device, long address, int needs, long epoch) {
    return last(
        device,
        CacheWord.address(pointer),
        address,
        (int) pointer & CacheWord.RIGHTS,
        needs,
        epoch);
  }

  private long last(
      DeviceEntry device, long table, long address, int rights, int needs, long epoch) {
    long at = place(device, table, address, 1, epoch);
    if (Walked.isFault(at)) {
      return at;
    }
    long entry = memory.load64(at);
    long fault = check(entry, at, 1);
    return fault != 0
        ? fault
        : leaf(
            device,
            GuestPte.entryAddress(table, address, 1),
            at,
            1,
            entry,
            and(rights, entry),
            needs,
            epoch);
  }

  /** The system physical address of an entry, or a fault. */
  private long place(DeviceEntry device, long table, long address, int level, long epoch) {
    long at = GuestPte.entryAddress(table, address, level);
    return device.mode == 0 ? at : host.address(device, at, READS, epoch);
  }

  private long unreadable(long entry, long at) {
    if (entry != -1L) {
      return 0;
    }
    MemoryStatus status = memory.status(at, Long.BYTES);
    return status == MemoryStatus.OK ? 0 : Walked.unreadable(at, status);
  }

  private long check(long entry, long at, int level) {
    if ((entry & P) == 0) {
      return Walked.fault(Walked.NOT_PRESENT);
    }
    long fault = unreadable(entry, at);
    if (fault != 0) {
      return fault;
    }
    boolean pageSize = level > 1 && (entry & PS) != 0;
    long reserved = pageSize ? (level > 3 ? PS : GuestPte.belowPage(level)) : 0;
    return (entry & (reserved | (noExecute ? 0 : NX))) == 0 ? 0 : Walked.fault(Walked.RESERVED);
  }

  private static int and(int rights, long entry) {
    int left = rights;
    if ((entry & RW) == 0) {
      left &= ~Access.WRITE;
    }
    if ((entry & NX) != 0) {
      left &= ~Access.EXECUTE;
    }
    return (entry & US) == 0 ? left | Walked.SUPERVISOR : left;
  }

  /** Whether rights, SUPERVISOR among them, allow what is needed. */
  static boolean allows(int rights, int needs) {
    int needed = needs & (Access.READ | Access.WRITE | Access.EXECUTE);
    return (rights & needed) == needed
        && ((rights & Walked.SUPERVISOR) == 0 || (needs & Walked.SUPERVISOR) != 0 || needed == 0);
  }

  private long leaf(
      DeviceEntry device,
      long guestAt,
      long at,
      int level,
      long entry,
      int rights,
      int needs,
      long epoch) {
    if (!allows(rights, needs)) {
      return Walked.fault(Walked.DENIED);
    }
    long marks = (needs & Walked.DIRTY) != 0 ? A | D : A;
    long marked = mark(device, guestAt, at, entry, marks, epoch);
    if (marked != entry) {
      return marked;
    }
    boolean clean = ((entry | marks) & D) == 0;
    int sizeLg2 = GuestPte.sizeLg2(level);
    return Walked.page(GuestPte.page(entry, level), sizeLg2, rights | (clean ? 0 : Walked.DIRTY));
  }

  /**
   * Sets marks in an entry, which is a write through the host tables.
   *
   * @return the entry if they stand, {@link #CHANGED}, or a fault
   */
  private long mark(DeviceEntry device, long guestAt, long at, long entry, long marks, long epoch) {
    if ((entry & marks) == marks) {
      return entry;
    }
    long target = at;
    if (device.mode != 0) {
      target = host.address(device, guestAt, WRITES, epoch);
      if (Walked.isFault(target)) {
        return target;
      }
    }
    boolean marked =
        epoch < 0 || memory.compareAndExchange64(target, entry, entry | marks) == entry;
    return marked ? entry : CHANGED;
  }
}
