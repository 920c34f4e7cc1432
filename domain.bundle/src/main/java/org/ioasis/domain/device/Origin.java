package org.ioasis.domain.device;

import java.util.List;
import org.ioasis.api.Handle;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.driver.BatchResult;
import org.ioasis.api.driver.FaultAnswer;
import org.ioasis.api.driver.SyncResult;
import org.ioasis.api.fault.FaultOrigin;
import org.ioasis.api.fault.FaultQueue;
import org.ioasis.api.fault.RoutingTable;
import org.ioasis.api.machine.TimeSource;
import org.ioasis.domain.hwpt.Domains;
import org.ioasis.domain.unit.HostedDevice;

/**
 * Where the router of page faults finds routes and answers.
 *
 * <p><b>Threading:</b> any thread, outside bursts; takes no lock of the structure.
 */
public final class Origin implements FaultOrigin {
  private final Devices devices;
  private final Domains domains;

  /** Over these devices and domains. */
  public Origin(Devices devices, Domains domains) {
    this.devices = devices;
    this.domains = domains;
  }

  @Override
  public RoutingTable routes() {
    return devices.routes().table();
  }

  @Override
  public BatchResult respond(List<FaultAnswer> answers) {
    return devices.hosts().respond(answers);
  }

  @Override
  public SyncResult drain(int sourceId, int pasid) {
    HostedDevice at = devices.of(sourceId).map(DeviceCore::hosted).orElse(null);
    if (at == null) {
      throw new IoasisException(
          Reason.GONE, "drain refused: no unit serves device 0x%x now".formatted(sourceId));
    }
    return at.host().drain(sourceId, pasid);
  }

  @Override
  public boolean uses(Handle<FaultQueue> queue) {
    return domains.uses(queue);
  }

  @Override
  public TimeSource time() {
    return devices.machine().time();
  }
}
