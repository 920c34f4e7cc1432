package org.ioasis.vtd.driver;

import java.util.List;
import org.ioasis.api.driver.SyncResult;
import org.ioasis.kit.driver.Gather;
import org.ioasis.kit.driver.TableOwner;
import org.ioasis.vtd.format.AddressBits;
import org.ioasis.vtd.format.DeviceTlbRange;

/**
 * What a batch of a domain says to the unit. A range becomes the smallest naturally aligned power
 * of two around it; ranges that no address mask of the unit covers become the whole domain. VT-d,
 * "IOTLB Invalidate", "PASID-based IOTLB Invalidate".
 *
 * <p><b>Threading:</b> one thread at a time, that of its batch.
 */
final class TableInvalidation implements TableOwner {
  private final VtdDomain domain;
  private final DriverCore core;
  private final DescriptorList list = new DescriptorList();

  TableInvalidation(VtdDomain domain) {
    this.domain = domain;
    this.core = domain.core();
  }

  @Override
  public String name() {
    return "domain 0x%x of unit %s".formatted(domain.did(), core.unitId());
  }

  @Override
  public boolean isClosed() {
    return domain.isClosed();
  }

  /** Under caching mode refusals of a second stage may be cached. */
  @Override
  public boolean gathersMaps() {
    return core.claims().cachingMode() && domain.isSecondStage();
  }

  @Override
  public SyncResult invalidate(Gather gather) {
    list.clear();
    int[] tags = domain.tags();
    if (tags.length > 0) {
      describe(
          list, gather, domain.did(), domain.isFirstStage(), tags, core.claims().addressMask());
    }
    for (VtdDomain child : domain.children()) {
      if (child.tags().length > 0) {
        list.iotlbDomain(child.did()); // its translations went through these tables
      }
    }
    if (list.count() == 0) {
      return SyncResult.COMPLETE;
    }
    addDevices(gather);
    return core.run(list);
  }

  /** What devices hold: the ranges, or all where the user's first stage is in between. */
  private void addDevices(Gather gather) {
    List<Place> places = domain.places();
    if (gather.isEverything() || gather.ranges() * places.size() > Gather.MOST_RANGES) {
      addDevices(core, list, places, 0, DeviceTlbRange.ALL_LG2);
    } else {
      for (int range = 0; range < gather.ranges(); range++) {
        int lg2 = Math.max(AddressBits.PAGE_LG2, gather.blockLg2(range));
        addDevices(core, list, places, gather.block(range), lg2);
      }
    }
    for (VtdDomain child : domain.children()) {
      addDevices(core, list, child.places(), 0, DeviceTlbRange.ALL_LG2);
    }
  }

  /** Adds the descriptor that removes every translation of a domain under a tag. */
  static void addAll(DescriptorList list, VtdDomain domain, int tag) {
    if (domain.isSecondStage() || !domain.core().claims().scalable()) {
      list.iotlbDomain(domain.did());
    } else {
      list.pasidIotlb(domain.did(), tag);
    }
  }

  /**
   * Adds invalidations of a range in the TLBs of all devices at some places, behind a fence.
   *
   * @param sizeLg2 log2 of the bytes of a naturally aligned range
   */
  static void addDevices(
      DriverCore core, DescriptorList list, List<Place> places, long base, int sizeLg2) {
    for (int i = 0; i < places.size(); i++) {
      VtdDevice device = places.get(i).device();
      if (device.use().ats()) {
        device.forgetTranslations(list, places.get(i).tag(), base, sizeLg2);
      }
    }
  }

  @Override
  public void flushStores() {
    if (core.claims().writeBuffers()) {
      core.unit().flushWriteBuffers();
    }
  }

  /**
   * Writes the descriptors for a domain.
   *
   * @param places where the domain is attached
   * @param addressMask largest mask that the unit takes, -1 for none
   */
  static void describe(
      DescriptorList list,
      Gather gather,
      int did,
      boolean firstStage,
      int[] places,
      int addressMask) {
    if (needsWholeDomain(gather, addressMask) || places.length > Gather.MOST_RANGES / 2) {
      list.iotlbDomain(did);
      return;
    }
    boolean leafOnly = !gather.isStructural();
    for (int range = 0; range < gather.ranges(); range++) {
      int mask = mask(gather, range);
      long address = gather.block(range);
      if (!firstStage) {
        list.iotlbPages(did, address, mask, leafOnly);
        continue;
      }
      for (int pasid : places) {
        list.pasidIotlbPages(did, pasid, address, mask, leafOnly);
      }
    }
  }

  private static boolean needsWholeDomain(Gather gather, int addressMask) {
    if (gather.isEverything()) {
      return true;
    }
    for (int range = 0; range < gather.ranges(); range++) {
      if (mask(gather, range) > addressMask) {
        return true;
      }
    }
    return false;
  }

  /** log2 of the pages of the aligned block around a range. */
  private static int mask(Gather gather, int range) {
    return Math.max(0, gather.blockLg2(range) - AddressBits.PAGE_LG2);
  }
}
