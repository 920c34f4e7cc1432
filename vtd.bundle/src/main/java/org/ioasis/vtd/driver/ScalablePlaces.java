package org.ioasis.vtd.driver;

import java.util.List;
import org.ioasis.api.driver.SyncResult;
import org.ioasis.api.memory.FrameAllocator;
import org.ioasis.kit.driver.TablePages;
import org.ioasis.vtd.format.DeviceTlbRange;
import org.ioasis.vtd.format.PasidDirectoryEntry;
import org.ioasis.vtd.format.PasidTableEntry;
import org.ioasis.vtd.format.ScalableContextEntry;

/**
 * The PASID directory and tables of one device in scalable mode. All source ids of the device lead
 * to the same directory; requests without a PASID use RID_PASID 0. VT-d, "Scalable-Mode Context
 * Entry", "PASID Directory", "PASID Table".
 *
 * <p><b>Hitless change.</b> A PASID entry has 512 bits and cannot be stored whole. The table of 64
 * entries is copied, the entry changed in the copy, and the directory entry, 64 bits, led there.
 *
 * <p><b>Threading:</b> the device serialises.
 */
final class ScalablePlaces implements DevicePlaces {
  private static final long PAGE = 1L << FrameAllocator.FRAME_LG2;
  private static final int LEAST_PASID_BITS = 13;

  private final DriverCore core;
  private final TablePages pages;
  private final ContextTables contexts;
  private final List<Integer> sourceIds;
  private final DescriptorList list = new DescriptorList();
  private final int pdts;
  private final DeviceUse use;
  private long directory;

  /**
   * The places of a device.
   *
   * @param sourceIds its own first, then its aliases
   * @param use what it may use
   */
  ScalablePlaces(DriverCore core, ContextTables contexts, List<Integer> sourceIds, DeviceUse use) {
    this.core = core;
    this.pages = core.structures();
    this.contexts = contexts;
    this.sourceIds = sourceIds;
    this.use = use;
    this.pdts = Math.max(0, use.pasidBits() - LEAST_PASID_BITS);
  }

  /** The directory's address, 0 if none was needed yet. */
  long directory() {
    return directory;
  }

  /** Goes on with a directory and the tables it leads to. */
  void adopt(long address) {
    directory = address;
    pages.adopted(directory, directoryLg2());
    forEachTable(table -> pages.adopted(table, FrameAllocator.FRAME_LG2));
  }

  private int directoryLg2() {
    return Math.max(FrameAllocator.FRAME_LG2, pdts + 10);
  }

  private void forEachTable(java.util.function.LongConsumer action) {
    long end = directory + (PasidDirectoryEntry.BYTES << (pdts + 7));
    for (long at = directory; at < end; at += PasidDirectoryEntry.BYTES) {
      long entry = pages.load(at);
      if (PasidDirectoryEntry.P.isSet(entry)) {
        action.accept(PasidDirectoryEntry.SMPTBLPTR.inPlace(entry));
      }
    }
  }

  private long contextLow() {
    return ScalableContextEntry.P.mask()
        | ScalableContextEntry.PASIDE.of(use.pasidBits() > 0 ? 1 : 0)
        | ScalableContextEntry.DTE.of(use.ats() ? 1 : 0)
        | ScalableContextEntry.PRE.of(use.pageRequests() ? 1 : 0)
        | ScalableContextEntry.PDTS.of(pdts)
        | ScalableContextEntry.PASIDDIRPTR.ofInPlace(directory);
  }

  private void requireDirectory() {
    if (directory != 0) {
      return;
    }
    contexts.prepare(sourceIds);
    directory = pages.allocate(directoryLg2());
    pages.barrier();
    for (int sourceId : sourceIds) {
      contexts.fill(sourceId, contextLow(), 0);
    }
  }

  /** The table that serves a PASID, made if need be. */
  private long requireTable(int pasid) {
    long at = PasidDirectoryEntry.address(directory, pasid);
    long entry = pages.load(at);
    if (PasidDirectoryEntry.P.isSet(entry)) {
      return PasidDirectoryEntry.SMPTBLPTR.inPlace(entry);
    }
    long table = pages.allocate();
    pages.barrier();
    pages.store(at, directoryEntry(table));
    return table;
  }

  private static long directoryEntry(long table) {
    return PasidDirectoryEntry.SMPTBLPTR.ofInPlace(table) | PasidDirectoryEntry.P.mask();
  }

  /** Writes an entry that is not present; word 0, which holds P, comes last. */
  private void write(long at, VtdDomain domain) {
    long[] words = EntryWords.pasidEntry(domain);
    pages.put(at + 8, words[1]);
    pages.put(at + 16, words[2]);
    for (int word = 3; word < PasidTableEntry.WORDS; word++) {
      pages.put(at + 8L * word, 0);
    }
    pages.clean(at, PasidTableEntry.BYTES);
    pages.barrier();
    pages.store(at, words[0]);
  }

  @Override
  public void fill(int pasid, VtdDomain domain) {
    requireDirectory();
    int tag = DevicePlaces.tag(pasid);
    long table = requireTable(tag);
    if (domain.isBlocked()) {
      return;
    }
    write(PasidTableEntry.address(table, tag), domain);
    if (core.claims().cachingMode()) {
      list.clear();
      sourceIds.forEach(sourceId -> list.contextDevice(sourceId, 0));
      list.pasid(domain.did(), tag).pasidGlobal().iotlbDomain(0);
      forget(domain, tag);
      core.ring().run(list);
    } else if (core.claims().writeBuffers()) {
      core.unit().flushWriteBuffers();
    }
  }

  /** Adds the descriptor that removes translations of a domain under a PASID. */
  private void forget(VtdDomain domain, int tag) {
    TableInvalidation.addAll(list, domain, tag);
  }

  @Override
  public SyncResult exchange(int pasid, VtdDomain old, VtdDomain domain) {
    int tag = DevicePlaces.tag(pasid);
    long now = requireTable(tag);
    long copy = pages.allocate();
    for (long offset = 0; offset < PAGE; offset += 8) {
      pages.put(copy + offset, pages.load(now + offset));
    }
    long at = PasidTableEntry.address(copy, tag);
    pages.store(at, 0);
    if (!domain.isBlocked()) {
      write(at, domain);
    }
    pages.clean(copy, PAGE);
    pages.barrier();
    pages.store(PasidDirectoryEntry.address(directory, tag), directoryEntry(copy));
    // The table itself moves, so that every entry read through the old one has to go.
    list.clear().pasidGlobal();
    if (core.claims().cachingMode()) {
      list.iotlbDomain(0);
      forget(domain, tag);
    }
    if (!old.isBlocked()) {
      forget(old, tag);
      forgetDevice(tag);
    }
    SyncResult result = core.run(list);
    pages.free(now);
    return result;
  }

  @Override
  public SyncResult empty(int pasid, VtdDomain old) {
    if (old.isBlocked()) {
      return SyncResult.COMPLETE;
    }
    int tag = DevicePlaces.tag(pasid);
    long at = PasidTableEntry.address(requireTable(tag), tag);
    pages.store(at, pages.load(at) & ~PasidTableEntry.P.mask());
    list.clear().pasid(old.did(), tag);
    forget(old, tag);
    forgetDevice(tag);
    if (use.pageRequests()) {
      list.drainPages();
    }
    SyncResult result = core.run(list);
    for (int word = 0; word < PasidTableEntry.WORDS; word++) {
      pages.put(at + 8L * word, 0);
    }
    pages.clean(at, PasidTableEntry.BYTES);
    return result;
  }

  /** Adds what makes the device forget its translations; one that is gone holds none. */
  private void forgetDevice(int tag) {
    if (use.ats() && core.environment().devices().device(sourceIds.get(0)).isPresent()) {
      int own = sourceIds.get(0);
      int pfsid = core.claims().throttlesInvalidations() ? own : 0;
      list.deviceTlb(own, pfsid, tag, 0, DeviceTlbRange.ALL_LG2);
    }
  }

  @Override
  public void close() {
    if (directory == 0) {
      return;
    }
    list.clear();
    for (int sourceId : sourceIds) {
      contexts.clearPresent(sourceId);
      list.contextDevice(sourceId, 0);
    }
    core.ring().run(list.pasidGlobal());
    sourceIds.forEach(contexts::zero);
    forEachTable(pages::free);
    pages.free(directory, directoryLg2());
    directory = 0;
  }
}
