package org.ioasis.vtd.driver;

import org.ioasis.api.driver.SyncResult;
import org.ioasis.kit.driver.Gather;
import org.ioasis.kit.driver.TableOwner;
import org.ioasis.vtd.format.AddressBits;

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
    int[] places = domain.places();
    if (places.length > 0) {
      describe(
          list.clear(),
          gather,
          domain.did(),
          domain.isFirstStage(),
          places,
          core.claims().addressMask());
      core.ring().run(list);
    }
    return SyncResult.COMPLETE;
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
