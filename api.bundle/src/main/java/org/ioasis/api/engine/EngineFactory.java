package org.ioasis.api.engine;

import org.ioasis.api.machine.Machine;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Makes engines. Registered as a service by machine.bundle.
 *
 * <p><b>Threading:</b> any thread.
 */
@ProviderType
public interface EngineFactory {
  /**
   * Joins an engine to a machine; its port is blocked.
   *
   * @throws org.ioasis.api.IoasisException EXISTS if the name or source id is taken
   */
  DmaEngine create(Machine machine, EngineSpec spec);
}
