package org.ioasis.machine.engine;

import org.ioasis.api.engine.DmaEngine;
import org.ioasis.api.engine.EngineFactory;
import org.ioasis.api.engine.EngineSpec;
import org.ioasis.api.machine.Machine;
import org.osgi.service.component.annotations.Component;

/**
 * Makes engines.
 *
 * <p><b>Threading:</b> any thread; holds nothing.
 */
@Component
public final class DefaultEngineFactory implements EngineFactory {
  @Override
  public DmaEngine create(Machine machine, EngineSpec spec) {
    return new ModelledEngine(machine, spec);
  }
}
