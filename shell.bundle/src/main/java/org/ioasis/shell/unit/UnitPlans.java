package org.ioasis.shell.unit;

import java.util.List;
import java.util.Optional;

/**
 * The configurations from which the platform makes its units. Units follow them a moment later.
 *
 * <p><b>Threading:</b> any thread; an answer is a snapshot.
 */
public interface UnitPlans {
  /** All plans in force, in order of the identities. */
  List<UnitPlan> all();

  /** The plan in force for a unit. */
  default Optional<UnitPlan> find(String unitId) {
    return all().stream().filter(plan -> plan.unitId().equals(unitId)).findFirst();
  }

  /** The plan that was in force for a unit when it was last removed. */
  Optional<UnitPlan> removed(String unitId);

  /**
   * Puts a plan in force, in the place of one for the same unit.
   *
   * @throws org.ioasis.api.IoasisException HARDWARE if the configuration cannot be written
   */
  void put(UnitPlan plan);

  /**
   * Removes the plan of a unit, if there is one.
   *
   * @throws org.ioasis.api.IoasisException HARDWARE if the configuration cannot be written
   */
  void remove(String unitId);
}
