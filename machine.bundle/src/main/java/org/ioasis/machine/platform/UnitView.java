package org.ioasis.machine.platform;

import java.util.Map;
import org.ioasis.api.explain.Explainer;
import org.ioasis.api.hardware.HardwareUnit;
import org.ioasis.api.hardware.UnitService;
import org.ioasis.api.inspect.Inspector;
import org.ioasis.api.machine.Profile;

/**
 * A unit as everybody may see it. A class of its own, so that no cast leads to registers.
 *
 * <p><b>Threading:</b> any thread.
 */
final class UnitView implements UnitService {
  private final HardwareUnit unit;

  UnitView(HardwareUnit unit) {
    this.unit = unit;
  }

  @Override
  public String unitId() {
    return unit.unitId();
  }

  @Override
  public String kind() {
    return unit.kind();
  }

  @Override
  public Profile profile() {
    return unit.profile();
  }

  @Override
  public Inspector inspector() {
    return unit.inspector();
  }

  @Override
  public Explainer explainer() {
    return unit.explainer();
  }

  @Override
  public Map<String, Long> counters() {
    return unit.counters();
  }
}
