package org.ioasis.shell.unit;

import java.util.Objects;

/**
 * What a unit is configured to be.
 *
 * @param unitId identity in the platform's machine
 * @param kind kind of the hardware model that makes it
 * @param profile name of a profile of that model; empty for its default
 */
public record UnitPlan(String unitId, String kind, String profile) {
  /** Checks that nothing is missing. */
  public UnitPlan {
    Objects.requireNonNull(unitId, "unitId");
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(profile, "profile");
  }

  /** The same with another profile. */
  public UnitPlan withProfile(String other) {
    return new UnitPlan(unitId, kind, other);
  }
}
