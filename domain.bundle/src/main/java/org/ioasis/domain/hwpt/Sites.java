package org.ioasis.domain.hwpt;

import org.ioasis.api.Handle;
import org.ioasis.api.device.Device;
import org.ioasis.domain.unit.HostedDevice;

/**
 * Where bound devices are.
 *
 * <p><b>Threading:</b> the lock of the structure is held.
 */
@FunctionalInterface
public interface Sites {
  /**
   * The device behind the unit that serves it; made known there if it is not.
   *
   * @throws org.ioasis.api.IoasisException NOT_FOUND if the binding has ended; GONE if the device
   *     is away or no unit serves it
   */
  HostedDevice hosted(Handle<Device> device);
}
