package org.ioasis.machine.fabric;

import org.ioasis.api.machine.FabricUnit;
import org.ioasis.api.machine.Mmio;

/**
 * An installed unit as ports point at it. Compared by identity: a unit that was removed and
 * installed again under its id is another route.
 *
 * <p><b>Threading:</b> {@code leaving} is guarded by the fabric's lock; the rest is immutable.
 */
final class UnitRoute {
  final String id;
  final FabricUnit unit;

  /** The unit's register block; null if it has none. */
  final Mmio registers;

  /** Whether its removal has begun, so that no port may open for it. */
  boolean leaving;

  UnitRoute(String id, FabricUnit unit, Mmio registers) {
    this.id = id;
    this.unit = unit;
    this.registers = registers;
  }
}
