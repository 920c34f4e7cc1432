package org.ioasis.vtd;

import org.ioasis.api.hardware.HardwareFactory;
import org.ioasis.vtd.hardware.VtdFactory;

/**
 * The hardware that tests put before a driver, outside both rooms: drivers see the contract only.
 */
public final class UnitUnderTest {
  private UnitUnderTest() {}

  /** Makes units of this bundle. */
  public static HardwareFactory factory() {
    return new VtdFactory();
  }
}
