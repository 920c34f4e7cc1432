package org.ioasis.api.device;

import org.ioasis.api.machine.DmaRequest;

/**
 * What a unit tells address spaces apart by: source id alone, or source id and PASID. PCI writes it
 * RID and PASID, the SMMU StreamID and SubstreamID.
 *
 * @param sourceId requester id or StreamID
 * @param pasid PASID, or {@link org.ioasis.api.machine.DmaRequest#NO_PASID}, which is not 0
 */
public record RoutingKey(int sourceId, int pasid) {
  /** Requests without a PASID. */
  public static RoutingKey of(int sourceId) {
    return new RoutingKey(sourceId, DmaRequest.NO_PASID);
  }

  /** Whether it names a PASID. */
  public boolean hasPasid() {
    return pasid != DmaRequest.NO_PASID;
  }

  /** {@code 0x20} or {@code 0x20/pasid 0x3}. */
  @Override
  public String toString() {
    return hasPasid() ? "0x%x/pasid 0x%x".formatted(sourceId, pasid) : "0x%x".formatted(sourceId);
  }
}
