package org.ioasis.shell.unit;

import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.hardware.UnitService;

/**
 * Starts, stops and changes units by way of their plans, and waits until the units have followed.
 *
 * <p><b>Threading:</b> any thread; waits.
 *
 * @param plans the configurations
 * @param units the units that live
 */
public record UnitControl(UnitPlans plans, Units units) {
  /** How long a unit may take to follow its plan, in milliseconds. */
  public static final long FOLLOW_MILLIS = 5_000;

  private static final String LEGAL_ID = "[A-Za-z0-9][A-Za-z0-9._-]*";

  /**
   * Starts a unit.
   *
   * @param unitId its identity
   * @param kind kind of hardware model; null to start a stopped unit as it was
   * @param profile name of a profile; null for the one it had or the default
   * @return the unit
   * @throws IoasisException EXISTS if it lives, INVALID if the kind is needed or the identity
   *     cannot be one, TIMED_OUT if it did not come
   */
  public UnitService start(String unitId, String kind, String profile) {
    checkId(unitId);
    if (plans.find(unitId).isPresent() && units.find(unitId).isPresent()) {
      throw new IoasisException(
          Reason.EXISTS, "unit %s lives; --update changes it".formatted(unitId));
    }
    UnitPlan known = plans.find(unitId).or(() -> plans.removed(unitId)).orElse(null);
    if (kind == null && known == null) {
      throw new IoasisException(
          Reason.INVALID, "unit %s is new; give --kind, as vendors lists it".formatted(unitId));
    }
    String like = kind == null ? known.kind() : kind;
    boolean sameKind = known != null && known.kind().equals(like);
    String after = profile != null ? profile : sameKind ? known.profile() : "";
    plans.put(new UnitPlan(unitId, like, after));
    return came(unitId, null);
  }

  /**
   * Stops a unit; its plan is kept in mind for {@link #start}.
   *
   * @throws IoasisException NOT_FOUND if there is no such unit, TIMED_OUT if it did not go
   */
  public void stop(String unitId) {
    plan(unitId);
    plans.remove(unitId);
    if (!await(all -> all.stream().noneMatch(unit -> unit.unitId().equals(unitId)))) {
      throw late(unitId, "go");
    }
  }

  /**
   * Makes a unit anew, in reset state.
   *
   * @param profile name of a profile; null for the one it has
   * @return the new unit
   * @throws IoasisException NOT_FOUND if there is no such unit, TIMED_OUT if the new one did not
   *     come
   */
  public UnitService update(String unitId, String profile) {
    UnitPlan plan = plan(unitId);
    UnitService before = units.find(unitId).orElse(null);
    plans.put(plan.withProfile(profile == null ? plan.profile() : profile));
    return came(unitId, before);
  }

  private UnitPlan plan(String unitId) {
    checkId(unitId);
    return plans
        .find(unitId)
        .orElseThrow(
            () ->
                new IoasisException(
                    Reason.NOT_FOUND,
                    "no unit %s is configured; units lists those that live".formatted(unitId)));
  }

  /** The identity goes into filters and names of configurations. */
  private static void checkId(String unitId) {
    if (!unitId.matches(LEGAL_ID)) {
      throw new IoasisException(
          Reason.INVALID,
          "a unit cannot be called '%s'; letters, digits, '.', '_' and '-' are allowed"
              .formatted(unitId));
    }
  }

  private UnitService came(String unitId, UnitService before) {
    Predicate<UnitService> wanted = unit -> unit.unitId().equals(unitId) && unit != before;
    if (!await(all -> all.stream().anyMatch(wanted))) {
      throw late(unitId, "come");
    }
    Optional<UnitService> unit = units.find(unitId);
    return unit.orElseThrow(() -> late(unitId, "stay"));
  }

  private boolean await(Predicate<List<UnitService>> wanted) {
    try {
      return units.await(wanted, FOLLOW_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static IoasisException late(String unitId, String what) {
    return new IoasisException(
        Reason.TIMED_OUT,
        "unit %s did not %s within %d ms; the log on standard error says why"
            .formatted(unitId, what, FOLLOW_MILLIS));
  }
}
