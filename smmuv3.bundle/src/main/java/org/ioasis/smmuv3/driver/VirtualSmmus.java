package org.ioasis.smmuv3.driver;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.ioasis.api.Blob;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.driver.DomainFlag;
import org.ioasis.api.driver.DriverDomain;
import org.ioasis.api.driver.DriverVirtualIommu;
import org.ioasis.api.driver.VirtualIommuSupport;
import org.ioasis.smmuv3.format.Event;

/**
 * The virtual SMMUs of a unit, and which of them each StreamID belongs to.
 *
 * <p><b>Threading:</b> any thread.
 */
final class VirtualSmmus implements VirtualIommuSupport {
  /** The type that can be made. */
  static final String TYPE = "smmuv3.viommu";

  private final DriverCore core;
  private final DomainMaker maker;
  private final Map<Integer, VirtualSmmu> bySid = new ConcurrentHashMap<>();

  VirtualSmmus(DriverCore core, DomainMaker maker) {
    this.core = core;
    this.maker = maker;
  }

  @Override
  public List<String> types() {
    return List.of(TYPE);
  }

  @Override
  public DriverVirtualIommu create(DriverDomain parent, Blob data) {
    if (!data.type().equals(TYPE)) {
      throw new IoasisException(
          Reason.UNSUPPORTED,
          "virtual IOMMU refused: type %s on unit %s; there is %s"
              .formatted(data.type(), core.unitId(), TYPE));
    }
    if (!(parent instanceof SmmuDomain domain)
        || domain.core() != core
        || domain.isClosed()
        || !domain.spec().flags().contains(DomainFlag.NEST_PARENT)) {
      throw new IoasisException(
          Reason.INVALID,
          "virtual IOMMU refused: its parent is no living domain of unit %s with NEST_PARENT"
              .formatted(core.unitId()));
    }
    return new VirtualSmmu(this, domain);
  }

  DriverCore core() {
    return core;
  }

  DomainMaker maker() {
    return maker;
  }

  /**
   * Gives every StreamID of a device to a virtual SMMU.
   *
   * @return false if the device has one
   */
  boolean take(SmmuDevice device, VirtualSmmu owner) {
    synchronized (bySid) {
      if (device.ids().stream().anyMatch(bySid::containsKey)) {
        return false;
      }
      device.ids().forEach(sid -> bySid.put(sid, owner));
      return true;
    }
  }

  /** Takes a device out of the virtual SMMU that has it, if one has. */
  void forget(SmmuDevice device) {
    for (int sid : device.ids()) {
      VirtualSmmu owner = bySid.remove(sid);
      if (owner != null) {
        owner.forget(device);
      }
    }
  }

  /** See {@link QueueDrain.Guests#claim}. */
  Runnable claim(long[] words) {
    VirtualSmmu owner = bySid.get((int) Event.SID.get(words[0]));
    return owner == null ? null : owner.claim(words);
  }
}
