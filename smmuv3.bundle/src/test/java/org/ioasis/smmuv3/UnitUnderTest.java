package org.ioasis.smmuv3;

import org.ioasis.api.hardware.HardwareFactory;
import org.ioasis.smmuv3.hardware.SmmuFactory;

/**
 * The hardware that tests put before a driver, outside both rooms: drivers see the contract only.
 */
public final class UnitUnderTest {
  private UnitUnderTest() {}

  /** Makes units of this bundle. */
  public static HardwareFactory factory() {
    return new SmmuFactory();
  }
}
