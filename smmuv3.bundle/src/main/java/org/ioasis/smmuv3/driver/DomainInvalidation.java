package org.ioasis.smmuv3.driver;

import java.util.List;
import org.ioasis.api.driver.SyncResult;
import org.ioasis.kit.driver.Gather;
import org.ioasis.kit.driver.TableOwner;

/**
 * What a batch of a domain says to the unit and to devices. "TLB invalidation", "CMD_ATC_INV".
 *
 * <p>A change of a nest parent also drops every stage-1 translation under its VMID, since what a
 * guest has cached over it need not go with a stage-2 address, and everything that devices of
 * nested domains hold.
 *
 * <p><b>Threading:</b> one thread at a time, that of its batch.
 */
final class DomainInvalidation implements TableOwner {
  private final SmmuDomain domain;
  private final DriverCore core;
  private final CommandList list = new CommandList();

  DomainInvalidation(SmmuDomain domain) {
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

  /** An SMMU does not cache that nothing is mapped. */
  @Override
  public boolean gathersMaps() {
    return false;
  }

  @Override
  public SyncResult invalidate(Gather gather) {
    list.clear();
    List<SmmuDomain.Place> places = domain.places();
    if (places.isEmpty() && domain.children().isEmpty()) {
      return SyncResult.COMPLETE;
    }
    if (gather.isEverything()) {
      everything();
    } else {
      for (int range = 0; range < gather.ranges(); range++) {
        range(gather.first(range), gather.last(range), !gather.isStructural());
      }
    }
    return core.run(afterTlbs(places, gather));
  }

  private void everything() {
    if (domain.isStage1()) {
      list.asid(0, domain.tag());
    } else {
      list.vmid(domain.tag());
    }
  }

  private void range(long first, long last, boolean leafOnly) {
    if (domain.isStage1()) {
      list.pages(core.claims(), domain.tag(), first, last, leafOnly);
    } else {
      list.intermediatePages(core.claims(), domain.tag(), first, last, leafOnly);
    }
  }

  /** ATCs come after a CMD_SYNC that ended the translations they could be filled from. */
  private CommandList afterTlbs(List<SmmuDomain.Place> places, Gather gather) {
    if (!domain.children().isEmpty()) {
      list.stage1(domain.tag());
    }
    boolean any = places.stream().anyMatch(place -> place.device().atcs().length > 0);
    boolean below =
        domain.children().stream()
            .flatMap(child -> child.places().stream())
            .anyMatch(place -> place.device().atcs().length > 0);
    if (any || below) {
      core.commands().run(list);
      list.clear();
    }
    for (SmmuDomain.Place place : places) {
      for (int sid : place.device().atcs()) {
        atc(sid, place.pasid(), gather);
      }
    }
    for (SmmuDomain child : domain.children()) {
      for (SmmuDomain.Place place : child.places()) {
        for (int sid : place.device().atcs()) {
          list.wholeAtc(sid);
        }
      }
    }
    return list;
  }

  private void atc(int sid, int pasid, Gather gather) {
    if (gather.isEverything()) {
      list.atc(sid, pasid, 0, -1);
      return;
    }
    for (int range = 0; range < gather.ranges(); range++) {
      list.atc(sid, pasid, gather.first(range), gather.last(range));
    }
  }

  /** Drops what is tagged by the domain, attached or not: the tag is to be reused. */
  void forgetTag() {
    if (domain.isNested()) {
      core.run(list.clear().stage1(domain.parent().tag()));
    } else if (domain.table() != null) {
      list.clear();
      everything();
      core.run(list);
    }
  }
}
