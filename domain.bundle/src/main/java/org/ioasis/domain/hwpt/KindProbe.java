package org.ioasis.domain.hwpt;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.ioasis.api.IoasisException;
import org.ioasis.api.IovaRange;
import org.ioasis.api.driver.DomainLimits;
import org.ioasis.api.driver.DomainSpec;
import org.ioasis.domain.space.KindLimits;
import org.ioasis.domain.unit.HostedDomain;
import org.ioasis.domain.unit.UnitHost;

/**
 * What page tables of a kind can be: what every unit of the kind that is served here can do, asked
 * by making a table of the driver's own choice and ending it at once.
 *
 * <p><b>Threading:</b> any thread, outside bursts.
 */
public final class KindProbe implements KindLimits {
  private final Supplier<List<UnitHost>> hosts;

  /** Over these units. */
  public KindProbe(Supplier<List<UnitHost>> hosts) {
    this.hosts = hosts;
  }

  @Override
  public Optional<DomainLimits> limits(String kind) {
    DomainLimits common = null;
    for (UnitHost host : hosts.get()) {
      if (host.kind().equals(kind) && host.isServing()) {
        try {
          HostedDomain probe = host.createDomain(DomainSpec.paging(Set.of()));
          DomainLimits limits = probe.limits();
          probe.close();
          common = common == null ? limits : both(common, limits);
        } catch (IoasisException unfit) {
          return Optional.empty(); // nothing is promised that a unit here refuses
        }
      }
    }
    return Optional.ofNullable(common);
  }

  private static DomainLimits both(DomainLimits one, DomainLimits two) {
    List<IovaRange> windows = new ArrayList<>();
    for (IovaRange a : one.windows()) {
      for (IovaRange b : two.windows()) {
        if (a.overlaps(b)) {
          windows.add(
              new IovaRange(
                  Long.compareUnsigned(a.first(), b.first()) > 0 ? a.first() : b.first(),
                  Long.compareUnsigned(a.last(), b.last()) < 0 ? a.last() : b.last()));
        }
      }
    }
    long pages = one.pageSizes() & two.pageSizes();
    return new DomainLimits(
        windows,
        pages == 0 ? Math.max(one.pageSizes(), two.pageSizes()) : pages,
        Math.min(one.outputBits(), two.outputBits()),
        one.rights() & two.rights());
  }
}
