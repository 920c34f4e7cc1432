package org.ioasis.api.domain;

import org.ioasis.api.Handle;
import org.ioasis.api.device.Device;
import org.osgi.annotation.versioning.ProviderType;

/** A device's place in a virtual IOMMU; ends with the device's binding as well. */
@ProviderType
public interface VirtualDevice {
  /** The right to it. */
  Handle<VirtualDevice> handle();

  /** The device. */
  Handle<Device> device();

  /** The guest's id of it. */
  long virtualId();

  /** Ends it. */
  void destroy();
}
