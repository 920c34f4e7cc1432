package org.ioasis.api.fault;

import java.util.Objects;
import org.ioasis.api.Handle;
import org.ioasis.api.device.Device;
import org.ioasis.api.driver.RecoverableFault;

/**
 * One recoverable fault, routed and labelled.
 *
 * @param device the device, as its user bound it
 * @param label what that user chose to call it
 * @param pasid PASID, or {@link org.ioasis.api.machine.DmaRequest#NO_PASID}
 * @param address the address asked for
 * @param access READ, WRITE and EXECUTE bits of {@link org.ioasis.api.machine.DmaRequest}
 * @param privileged privileged mode
 * @param group the device's page request group index, or the stall's tag
 * @param last whether it is the last of its group
 * @param lengthHint bytes worth mapping at once, 0 if nobody said
 * @param route the attachment it was routed by
 * @param source the driver's fault, with stage, class and the unit's own record
 */
public record Fault(
    Handle<Device> device,
    long label,
    int pasid,
    long address,
    int access,
    boolean privileged,
    int group,
    boolean last,
    int lengthHint,
    Route route,
    RecoverableFault source) {
  /** A fault has a device, a route and a source. */
  public Fault {
    Objects.requireNonNull(device, "device");
    Objects.requireNonNull(route, "route");
    Objects.requireNonNull(source, "source");
  }
}
