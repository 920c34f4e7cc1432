package org.ioasis.api.machine;

import org.osgi.annotation.versioning.ProviderType;

/**
 * Makes private machines. Registered as a service by machine.bundle; a machine itself is never a
 * plain service.
 *
 * <p><b>Threading:</b> any thread.
 */
@ProviderType
public interface MachineFactory {
  /**
   * Makes a machine; takes well under a millisecond, memory is filled on first touch.
   *
   * @throws org.ioasis.api.IoasisException INVALID if regions overlap or leave the address width,
   *     or the frame pool is outside RAM
   */
  Machine create(MachineSpec spec);
}
