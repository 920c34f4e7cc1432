package org.ioasis.shell.command;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import org.ioasis.api.hardware.UnitService;
import org.ioasis.shell.unit.UnitControl;
import org.ioasis.shell.unit.UnitPlan;
import org.ioasis.shell.unit.UnitPlans;
import org.ioasis.shell.unit.Units;

/**
 * Units as a person expects them: those that are configured and can be made have come. After the
 * platform's start configurations take effect on threads of their own; a one-shot would be early.
 *
 * @param units the units that live
 * @param factories the hardware models
 * @param plans the configurations; null without Config Admin
 */
public record ConfiguredUnits(Units units, Factories factories, UnitPlans plans) {

  /** The identities of the units that should live: configured, and a model of the kind is there. */
  public List<String> expected() {
    return plans == null
        ? List.of()
        : plans.all().stream()
            .filter(plan -> factories.find(plan.kind()).isPresent())
            .map(UnitPlan::unitId)
            .toList();
  }

  /**
   * All units, once the expected ones have come or a bounded wait is over.
   *
   * @param remarks told which ones have not come
   */
  public List<UnitService> settled(PrintStream remarks) {
    List<String> expected = expected();
    try {
      if (!units.await(all -> ids(all).containsAll(expected), UnitControl.FOLLOW_MILLIS)) {
        List<String> missing = new ArrayList<>(expected);
        missing.removeAll(ids(units.all()));
        remarks.println("configured and not there: " + String.join(", ", missing));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return units.all();
  }

  private static List<String> ids(List<UnitService> units) {
    return units.stream().map(UnitService::unitId).toList();
  }
}
