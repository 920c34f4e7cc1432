package org.ioasis.domain;

import java.util.Map;
import org.ioasis.api.explain.Explainer;
import org.ioasis.api.hardware.HardwareUnit;
import org.ioasis.api.hardware.UnitService;
import org.ioasis.api.inspect.Inspector;
import org.ioasis.api.machine.Profile;

/** A unit as the looking glasses of the platform show it. */
public record UnitView(HardwareUnit of) implements UnitService {
  @Override
  public String unitId() {
    return of.unitId();
  }

  @Override
  public String kind() {
    return of.kind();
  }

  @Override
  public Profile profile() {
    return of.profile();
  }

  @Override
  public Inspector inspector() {
    return of.inspector();
  }

  @Override
  public Explainer explainer() {
    return of.explainer();
  }

  @Override
  public Map<String, Long> counters() {
    return of.counters();
  }
}
