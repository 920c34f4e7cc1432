package org.ioasis.domain.hwpt;

import java.util.Set;
import org.ioasis.api.Blob;
import org.ioasis.api.Handle;
import org.ioasis.api.driver.DomainFlag;
import org.ioasis.api.driver.DomainSpec;
import org.ioasis.api.fault.FaultQueue;
import org.ioasis.domain.space.Space;

/**
 * What a domain was asked to be, checked; enough to make it again on another unit.
 *
 * @param type what it does with a request
 * @param flags what it must be able to do
 * @param space the space it follows; null unless paging
 * @param parent the nest parent; null unless nested
 * @param viommu the virtual IOMMU it stands over; null unless nested in one
 * @param data the user's first stage; null unless nested
 * @param faultQueue where its faults go instead of a handler; null if none
 * @param automatic whether it was made for an attach
 */
public record DomainPlan(
    DomainSpec.Type type,
    Set<DomainFlag> flags,
    Space space,
    DomainCore parent,
    ViommuCore viommu,
    Blob data,
    Handle<FaultQueue> faultQueue,
    boolean automatic) {
  /** Copies the set. */
  public DomainPlan {
    flags = Set.copyOf(flags);
  }

  /** A domain made for an attach to a space. */
  public static DomainPlan automatic(Space space, Set<DomainFlag> flags) {
    return new DomainPlan(DomainSpec.Type.PAGING, flags, space, null, null, null, null, true);
  }

  /** A domain made for an attach that passes addresses unchanged. */
  public static DomainPlan identity() {
    return new DomainPlan(DomainSpec.Type.IDENTITY, Set.of(), null, null, null, null, null, true);
  }

  /** Whether the vendor's format of the data ties it to a kind of unit. */
  public boolean isOfAKind() {
    return type == DomainSpec.Type.NESTED;
  }
}
