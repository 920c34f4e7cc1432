package org.ioasis.domain.device;

import org.ioasis.api.device.DeviceView;

/**
 * Makes devices known as services.
 *
 * <p><b>Threading:</b> called with the lock of the structure held; whoever implements it registers
 * from a queue of its own.
 */
public interface Announcer {
  /** A device is there, or another unit serves it. */
  void present(DeviceView device);

  /** A device has left. */
  void absent(DeviceView device);

  /** Nobody is told. */
  Announcer NONE =
      new Announcer() {
        @Override
        public void present(DeviceView device) {}

        @Override
        public void absent(DeviceView device) {}
      };
}
