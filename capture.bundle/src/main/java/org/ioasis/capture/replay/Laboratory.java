package org.ioasis.capture.replay;

import org.ioasis.api.IoasisException;
import org.ioasis.api.hardware.HardwareFactory;
import org.ioasis.api.machine.MachineFactory;

/**
 * What replicas are made of: a maker of machines and the makers of units, by kind.
 *
 * <p><b>Threading:</b> any thread.
 */
public interface Laboratory {
  /** Makes machines. */
  MachineFactory machines();

  /**
   * Makes units of a kind.
   *
   * @throws IoasisException GONE if nobody here does, naming the kinds that are here
   */
  HardwareFactory hardware(String kind);
}
