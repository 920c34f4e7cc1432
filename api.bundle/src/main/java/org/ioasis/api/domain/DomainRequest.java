package org.ioasis.api.domain;

import java.util.Objects;
import java.util.Set;
import org.ioasis.api.Blob;
import org.ioasis.api.Handle;
import org.ioasis.api.device.Device;
import org.ioasis.api.driver.DomainFlag;
import org.ioasis.api.fault.FaultQueue;

/**
 * What a domain is asked to be. Immutable; start with {@link #paging}, {@link #nested} or {@link
 * #virtual} and add.
 *
 * @param device for whose unit and abilities it is made
 * @param space the space it follows; null unless paging
 * @param parent the nest parent of a nested domain; else null
 * @param viommu the virtual IOMMU of a nested domain, instead of a parent; else null
 * @param flags what it must be able to do; FAULT_CAPABLE is implied by a queue
 * @param faultQueue where its faults go instead of a handler; null if none
 * @param data a user's first stage as the kernel's vendor structure; null unless nested
 */
public record DomainRequest(
    Handle<Device> device,
    Handle<AddressSpace> space,
    Handle<Domain> parent,
    Handle<VirtualIommu> viommu,
    Set<DomainFlag> flags,
    Handle<FaultQueue> faultQueue,
    Blob data) {
  /** Copies the set; exactly one of space, parent and viommu is given. */
  public DomainRequest {
    Objects.requireNonNull(device, "device");
    flags = Set.copyOf(flags);
    int bases = (space == null ? 0 : 1) + (parent == null ? 0 : 1) + (viommu == null ? 0 : 1);
    if (bases != 1) {
      throw new IllegalArgumentException(
          "domain request: give one of space, parent and viommu, not %d".formatted(bases));
    }
  }

  /** A domain that follows a space. */
  public static DomainRequest paging(Handle<Device> device, Handle<AddressSpace> space) {
    return new DomainRequest(device, space, null, null, Set.of(), null, null);
  }

  /** A user's first stage over a nest parent. */
  public static DomainRequest nested(Handle<Device> device, Handle<Domain> parent, Blob data) {
    return new DomainRequest(device, null, parent, null, Set.of(), null, data);
  }

  /** A user's first stage over a virtual IOMMU. */
  public static DomainRequest virtual(
      Handle<Device> device, Handle<VirtualIommu> viommu, Blob data) {
    return new DomainRequest(device, null, null, viommu, Set.of(), null, data);
  }

  /** The same with these flags. */
  public DomainRequest with(Set<DomainFlag> newFlags) {
    return new DomainRequest(device, space, parent, viommu, newFlags, faultQueue, data);
  }

  /** The same, with its faults going to a queue. */
  public DomainRequest faultsTo(Handle<FaultQueue> queue) {
    return new DomainRequest(device, space, parent, viommu, flags, queue, data);
  }
}
