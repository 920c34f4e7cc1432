package org.ioasis.vtd.driver;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import org.ioasis.api.driver.SyncResult;
import org.ioasis.api.memory.FrameAllocator;
import org.ioasis.kit.driver.TablePages;
import org.ioasis.vtd.format.ContextEntry;
import org.ioasis.vtd.format.RootEntry;
import org.ioasis.vtd.format.Rtaddr;
import org.ioasis.vtd.format.ScalableContextEntry;
import org.ioasis.vtd.format.ScalableRootEntry;

/**
 * Root table and context tables. Context tables are made when the first device of their bus, or
 * half bus, needs one, and stay until the driver stops. VT-d, "Root Table", "Context Table".
 *
 * <p><b>Threading:</b> any thread; {@code lock} guards tables and entries. {@link #exchange} holds
 * it while the invalidation is under way, so that nobody changes a table whose old copy is still
 * read.
 */
final class ContextTables {
  private static final long PAGE = 1L << FrameAllocator.FRAME_LG2;
  private static final int TTM_SCALABLE = 1;

  private final DriverCore core;
  private final TablePages pages;
  private final boolean scalable;
  private final ReentrantLock lock = new ReentrantLock();

  /** Context tables by the address of the root word that leads there. */
  private final Map<Long, Long> tables = new TreeMap<>();

  private long root;

  ContextTables(DriverCore core) {
    this.core = core;
    this.pages = core.structures();
    this.scalable = core.claims().scalable();
  }

  /** Allocates an empty root table. Returns the value of RTADDR. */
  long start() {
    root = pages.allocate();
    return rtaddr(root);
  }

  private long rtaddr(long address) {
    return Rtaddr.RTA.ofInPlace(address) | Rtaddr.TTM.of(scalable ? TTM_SCALABLE : 0);
  }

  /** Goes on with a root table and the context tables it leads to. */
  void adopt(long address) {
    root = address;
    pages.adopted(root, FrameAllocator.FRAME_LG2);
    for (long word = root; word < root + PAGE; word += scalable ? 8 : RootEntry.BYTES) {
      long entry = pages.load(word);
      if (RootEntry.P.isSet(entry)) {
        tables.put(word, RootEntry.CTP.inPlace(entry));
        pages.adopted(RootEntry.CTP.inPlace(entry), FrameAllocator.FRAME_LG2);
      }
    }
  }

  /** Gives all tables back; translation is off. */
  void free() {
    tables.values().forEach(pages::free);
    tables.clear();
    if (root != 0) {
      pages.free(root);
      root = 0;
    }
  }

  private long rootWord(int sourceId) {
    return scalable
        ? ScalableRootEntry.halfAddress(root, sourceId)
        : RootEntry.address(root, sourceId);
  }

  private long entry(long table, int sourceId) {
    return scalable
        ? ScalableContextEntry.address(table, sourceId)
        : ContextEntry.address(table, sourceId);
  }

  /** The entry of a source id, its table made if need be; the lock is held. */
  private long requireEntry(int sourceId) {
    long word = rootWord(sourceId);
    Long table = tables.get(word);
    if (table == null) {
      table = pages.allocate();
      tables.put(word, table);
      pages.barrier();
      pages.store(word, RootEntry.CTP.ofInPlace(table) | RootEntry.P.mask());
    }
    return entry(table, sourceId);
  }

  /**
   * Makes the tables that the entries of source ids need, so that filling them cannot fail.
   *
   * @throws org.ioasis.api.IoasisException EXHAUSTED without frames; nothing has changed for
   *     devices
   */
  void prepare(List<Integer> sourceIds) {
    lock.lock();
    try {
      sourceIds.forEach(this::requireEntry);
    } finally {
      lock.unlock();
    }
  }

  /** Fills the not-present entry of a source id; P comes last. */
  void fill(int sourceId, long low, long high) {
    lock.lock();
    try {
      long at = requireEntry(sourceId);
      pages.store(at + 8, high);
      pages.barrier();
      pages.store(at, low);
    } finally {
      lock.unlock();
    }
  }

  /** Takes P from the entry of a source id. */
  void clearPresent(int sourceId) {
    lock.lock();
    try {
      long at = requireEntry(sourceId);
      pages.store(at, pages.load(at) & ~ContextEntry.P.mask());
    } finally {
      lock.unlock();
    }
  }

  /** Zeroes the entry of a source id that is not present and in no cache. */
  void zero(int sourceId) {
    lock.lock();
    try {
      long at = requireEntry(sourceId);
      pages.store(at, 0);
      pages.store(at + 8, 0);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Changes the entry of a source id without a moment at which it is torn: the table is copied, the
   * entry changed in the copy, and the root word, 64 bits and so stored whole, led there.
   *
   * @param copy a frame for the copy; the old table's comes back instead
   * @param list descriptors that remove what used the old entry, besides the context cache
   */
  SyncResult exchange(int sourceId, long copy, long low, long high, DescriptorList list) {
    lock.lock();
    try {
      long word = rootWord(sourceId);
      requireEntry(sourceId);
      long old = tables.get(word);
      copy(old, copy);
      long at = entry(copy, sourceId);
      pages.store(at + 8, high);
      pages.store(at, low);
      pages.barrier();
      pages.store(word, RootEntry.CTP.ofInPlace(copy) | RootEntry.P.mask());
      tables.put(word, copy);
      SyncResult result = core.run(list);
      pages.free(old);
      return result;
    } finally {
      lock.unlock();
    }
  }

  private void copy(long from, long to) {
    for (long offset = 0; offset < PAGE; offset += 8) {
      pages.put(to + offset, pages.load(from + offset));
    }
    pages.clean(to, PAGE);
  }
}
