package org.ioasis.amdvi.driver;

import java.util.List;
import org.ioasis.api.driver.SyncResult;
import org.ioasis.kit.driver.Gather;
import org.ioasis.kit.driver.TableOwner;

/**
 * What a batch of a domain says to the unit and to devices. A range becomes the smallest naturally
 * aligned power of two around it. "INVALIDATE_IOMMU_PAGES", "INVALIDATE_IOTLB_PAGES".
 *
 * <p>A change of a nest parent drops everything: what a guest&#39;s PASIDs have cached over it has
 * no tag that one command could name. Devices that hold such translations have their TLBs switched
 * off and on again, which empties them.
 *
 * <p><b>Threading:</b> one thread at a time, that of its batch.
 */
final class DomainInvalidation implements TableOwner {
  private static final int MANY_PLACES = 32;

  private final AmdDomain domain;
  private final DriverCore core;
  private final CommandList list = new CommandList();

  DomainInvalidation(AmdDomain domain) {
    this.domain = domain;
    this.core = domain.core();
  }

  @Override
  public String name() {
    return domain.name();
  }

  @Override
  public boolean isClosed() {
    return domain.isClosed();
  }

  /** Without entries that are absent in the caches a new mapping needs no word. */
  @Override
  public boolean gathersMaps() {
    return core.claims().cachesAbsent();
  }

  @Override
  public SyncResult invalidate(Gather gather) {
    list.clear();
    List<AmdDomain.Place> places = domain.places();
    if (gather.isEverything()) {
      add(places, 0, -1, true);
    } else {
      for (int range = 0; range < gather.ranges(); range++) {
        add(places, gather.first(range), gather.last(range), gather.isStructural());
      }
    }
    return run();
  }

  /** Drops every translation of the domain. */
  SyncResult everything() {
    add(domain.places(), 0, -1, true);
    return run();
  }

  /** Drops what is tagged by the domain&#39;s id, attached or not: the id is to be reused. */
  void forgetTag() {
    if (domain.isNested()) {
      core.run(list.clear().everything());
    } else {
      core.run(list.clear().hostPages(domain.id(), 0, -1, true));
    }
  }

  private void add(List<AmdDomain.Place> places, long first, long last, boolean directories) {
    if (domain.isHost() && (!places.isEmpty() || !domain.children().isEmpty())) {
      list.hostPages(domain.id(), first, last, directories);
    }
    if (domain.isNested() || (places.size() > MANY_PLACES && core.claims().invalidatesAll())) {
      list.everything();
    }
    for (AmdDomain.Place place : places) {
      if (domain.isGuest()) {
        list.guestPages(place.device().tag(), place.pasid(), first, last, directories);
      }
      for (int device : place.device().tlbs()) {
        list.deviceTlb(device, place.carried(), first, last);
      }
    }
  }

  private SyncResult run() {
    if (domain.children().isEmpty()) {
      return list.count() == 0 ? SyncResult.COMPLETE : core.run(list);
    }
    list.everything();
    List<AmdDevice> holders =
        domain.children().stream()
            .flatMap(child -> child.places().stream())
            .map(AmdDomain.Place::device)
            .distinct()
            .toList();
    holders.forEach(AmdDevice::emptyTlb);
    try {
      return core.run(list);
    } finally {
      holders.forEach(AmdDevice::enableAgain);
    }
  }
}
