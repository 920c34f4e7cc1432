package org.ioasis.domain.space;

import java.util.List;
import java.util.Optional;
import org.ioasis.api.IovaRange;
import org.ioasis.api.driver.DomainLimits;
import org.ioasis.api.machine.DmaRequest;

/** What page tables of a kind of unit can be, for spaces that must always fit it. */
@FunctionalInterface
public interface KindLimits {
  /** What every unit of every kind that is modelled can do: where nobody knows better. */
  DomainLimits CAUTIOUS =
      new DomainLimits(
          List.of(new IovaRange(0, (1L << 39) - 1)),
          1L << 12 | 1L << 21 | 1L << 30,
          39,
          DmaRequest.WRITE);

  /** Nobody knows any kind. */
  KindLimits UNKNOWN = kind -> Optional.empty();

  /** Limits of a kind; empty if no unit of it is here. */
  Optional<DomainLimits> limits(String kind);
}
