package org.ioasis.vtd.driver;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.ioasis.api.driver.SyncResult;
import org.ioasis.vtd.format.DeviceTlbRange;

/**
 * The context entries of one device in legacy mode, one for each of its source ids. VT-d, "Context
 * Entry".
 *
 * <p><b>Threading:</b> the device serialises.
 */
final class LegacyPlaces implements DevicePlaces {
  private final DriverCore core;
  private final ContextTables contexts;
  private final List<Integer> sourceIds;
  private final DeviceUse use;
  private final DescriptorList list = new DescriptorList();

  LegacyPlaces(DriverCore core, ContextTables contexts, List<Integer> sourceIds, DeviceUse use) {
    this.core = core;
    this.contexts = contexts;
    this.sourceIds = sourceIds;
    this.use = use;
  }

  @Override
  public void fill(int pasid, VtdDomain domain) {
    if (domain.isBlocked()) {
      return;
    }
    contexts.prepare(sourceIds);
    list.clear();
    for (int sourceId : sourceIds) {
      contexts.fill(
          sourceId, EntryWords.legacyLow(domain, use.ats()), EntryWords.legacyHigh(domain));
      list.contextDevice(sourceId, 0);
    }
    if (core.claims().cachingMode()) {
      core.ring().run(list.iotlbDomain(0).iotlbDomain(domain.did()));
    } else if (core.claims().writeBuffers()) {
      core.unit().flushWriteBuffers();
    }
  }

  @Override
  public SyncResult exchange(int pasid, VtdDomain old, VtdDomain domain) {
    contexts.prepare(sourceIds);
    Deque<Long> copies = new ArrayDeque<>();
    try {
      for (int i = 0; i < sourceIds.size(); i++) {
        copies.add(core.structures().allocate());
      }
      return exchange(old, domain, copies);
    } finally {
      copies.forEach(core.structures()::free); // those that were not used
    }
  }

  private SyncResult exchange(VtdDomain old, VtdDomain domain, Deque<Long> copies) {
    SyncResult result = SyncResult.COMPLETE;
    for (int sourceId : sourceIds) {
      // The table itself moves, so that every context entry read through the old one has to go.
      list.clear().contextGlobal();
      if (core.claims().cachingMode()) {
        list.iotlbDomain(0).iotlbDomain(domain.did());
      }
      if (!old.isBlocked()) {
        list.iotlbDomain(old.did());
        forgetDevice();
      }
      boolean blocked = domain.isBlocked();
      long low = blocked ? 0 : EntryWords.legacyLow(domain, use.ats());
      long high = blocked ? 0 : EntryWords.legacyHigh(domain);
      result =
          DriverCore.both(result, contexts.exchange(sourceId, copies.remove(), low, high, list));
    }
    return result;
  }

  @Override
  public SyncResult empty(int pasid, VtdDomain old) {
    if (old.isBlocked()) {
      return SyncResult.COMPLETE;
    }
    list.clear();
    for (int sourceId : sourceIds) {
      contexts.clearPresent(sourceId);
      list.contextDevice(sourceId, old.did());
    }
    list.iotlbDomain(old.did());
    forgetDevice();
    SyncResult result = core.run(list);
    sourceIds.forEach(contexts::zero);
    return result;
  }

  /** Adds what makes the device forget its translations; one that is gone holds none. */
  private void forgetDevice() {
    if (use.ats() && core.environment().devices().device(sourceIds.get(0)).isPresent()) {
      int sourceId = sourceIds.get(0); // its own; at aliases nobody would answer
      int pfsid = core.claims().throttlesInvalidations() ? sourceId : 0;
      list.deviceTlb(sourceId, pfsid, RID_PASID, 0, DeviceTlbRange.ALL_LG2);
    }
  }

  @Override
  public void close() {
    // Context tables belong to the bus.
  }
}
