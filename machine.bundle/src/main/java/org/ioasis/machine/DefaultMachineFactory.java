package org.ioasis.machine;

import org.ioasis.api.machine.Machine;
import org.ioasis.api.machine.MachineFactory;
import org.ioasis.api.machine.MachineSpec;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/**
 * Makes machines. A component, and as well the door for tests and tools without OSGi.
 *
 * <p><b>Threading:</b> any thread.
 */
@Component
public final class DefaultMachineFactory implements MachineFactory {
  /** Makes a factory; it has no state. */
  @Activate
  public DefaultMachineFactory() {}

  @Override
  public Machine create(MachineSpec spec) {
    return new DefaultMachine(spec);
  }
}
