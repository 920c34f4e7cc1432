package org.ioasis.domain.unit;

import java.util.Optional;
import java.util.function.IntConsumer;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.driver.DeviceControl;
import org.ioasis.api.machine.EndpointSpec;
import org.ioasis.api.machine.Fabric;
import org.ioasis.api.machine.PortControl;

/**
 * What a driver may do to devices, over the ports of the fabric.
 *
 * <p><b>Threading:</b> any thread, outside bursts; takes no lock of this bundle above the leaves.
 */
final class FabricControl implements DeviceControl {
  private final String unitId;
  private final Fabric fabric;
  private final EnableBits bits;
  private final IntConsumer isolated;

  /**
   * @param unitId the unit whose driver uses it
   * @param isolated told the source id of a device that was shut out, after its grace
   */
  FabricControl(String unitId, Fabric fabric, EnableBits bits, IntConsumer isolated) {
    this.unitId = unitId;
    this.fabric = fabric;
    this.bits = bits;
    this.isolated = isolated;
  }

  @Override
  public Optional<EndpointSpec> device(int sourceId) {
    return fabric.port(sourceId).map(PortControl::spec);
  }

  @Override
  public void enable(int sourceId, boolean ats, boolean pageRequests, boolean pasid) {
    EndpointSpec spec = device(sourceId).orElseThrow(() -> gone(sourceId));
    if ((ats && !spec.ats()) || (pageRequests && !spec.pri()) || (pasid && spec.pasidBits() == 0)) {
      throw new IoasisException(
          Reason.UNSUPPORTED,
          "enable refused: device %s has ats %s, page requests %s, %d PASID bits"
              .formatted(spec.name(), spec.ats(), spec.pri(), spec.pasidBits()));
    }
    bits.set(unitId, sourceId, ats, pageRequests, pasid);
  }

  private static IoasisException gone(int sourceId) {
    return new IoasisException(
        Reason.GONE, "enable refused: no device 0x%x on the fabric".formatted(sourceId));
  }

  @Override
  public void isolate(int sourceId) {
    Optional<PortControl> port = fabric.port(sourceId);
    if (port.isPresent()) {
      port.get().block();
      fabric.awaitGrace(fabric.graceTicket());
      isolated.accept(sourceId);
    }
  }
}
