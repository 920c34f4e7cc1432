package org.ioasis.amdvi;

import org.ioasis.amdvi.hardware.AmdviFactory;
import org.ioasis.api.hardware.HardwareFactory;

/**
 * The hardware that tests put before a driver, outside both rooms: drivers see the contract only.
 */
public final class UnitUnderTest {
  private UnitUnderTest() {}

  /** Makes units of this bundle. */
  public static HardwareFactory factory() {
    return new AmdviFactory();
  }
}
