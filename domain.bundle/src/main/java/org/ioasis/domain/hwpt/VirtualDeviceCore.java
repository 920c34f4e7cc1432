package org.ioasis.domain.hwpt;

import org.ioasis.api.Handle;
import org.ioasis.api.device.Device;
import org.ioasis.api.domain.VirtualDevice;
import org.ioasis.domain.client.Kept;

/**
 * A device's place in a virtual IOMMU.
 *
 * <p><b>Threading:</b> immutable.
 */
final class VirtualDeviceCore implements VirtualDevice, Kept {
  private final ViommuCore viommu;
  private final Handle<VirtualDevice> handle;
  private final Handle<Device> device;
  private final long virtualId;
  private final AutoCloseable lease;

  VirtualDeviceCore(
      ViommuCore viommu,
      Handle<VirtualDevice> handle,
      Handle<Device> device,
      long virtualId,
      AutoCloseable lease) {
    this.viommu = viommu;
    this.handle = handle;
    this.device = device;
    this.virtualId = virtualId;
    this.lease = lease;
  }

  @Override
  public Handle<VirtualDevice> handle() {
    return handle;
  }

  @Override
  public Handle<Device> device() {
    return device;
  }

  @Override
  public long virtualId() {
    return virtualId;
  }

  @Override
  public String title() {
    return "vdevice %d (0x%x)".formatted(handle.id(), virtualId);
  }

  @Override
  public void destroy() {
    viommu.destroy(handle);
  }

  @Override
  public void end() {
    viommu.forget(this);
    ViommuCore.close(lease, title());
  }
}
