package org.ioasis.vtd.driver;

import java.util.List;

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
  private final DescriptorList list = new DescriptorList();

  LegacyPlaces(DriverCore core, ContextTables contexts, List<Integer> sourceIds) {
    this.core = core;
    this.contexts = contexts;
    this.sourceIds = sourceIds;
  }

  @Override
  public void fill(int pasid, VtdDomain domain) {
    if (domain.isBlocked()) {
      return;
    }
    list.clear();
    for (int sourceId : sourceIds) {
      contexts.fill(sourceId, domain.legacyLow(), domain.legacyHigh());
      list.contextDevice(sourceId, 0);
    }
    if (core.claims().cachingMode()) {
      core.ring().run(list.iotlbDomain(0).iotlbDomain(domain.did()));
    } else if (core.claims().writeBuffers()) {
      core.unit().flushWriteBuffers();
    }
  }

  @Override
  public void exchange(int pasid, VtdDomain old, VtdDomain domain) {
    for (int sourceId : sourceIds) {
      // The table itself moves, so that every context entry read through the old one has to go.
      list.clear().contextGlobal();
      if (core.claims().cachingMode()) {
        list.iotlbDomain(0).iotlbDomain(domain.did());
      }
      if (!old.isBlocked()) {
        list.iotlbDomain(old.did());
      }
      boolean blocked = domain.isBlocked();
      contexts.exchange(
          sourceId, blocked ? 0 : domain.legacyLow(), blocked ? 0 : domain.legacyHigh(), list);
    }
  }

  @Override
  public void empty(int pasid, VtdDomain old) {
    if (old.isBlocked()) {
      return;
    }
    list.clear();
    for (int sourceId : sourceIds) {
      contexts.clearPresent(sourceId);
      list.contextDevice(sourceId, old.did());
    }
    core.ring().run(list.iotlbDomain(old.did()));
    sourceIds.forEach(contexts::zero);
  }

  @Override
  public void close() {
    // Context tables belong to the bus.
  }
}
