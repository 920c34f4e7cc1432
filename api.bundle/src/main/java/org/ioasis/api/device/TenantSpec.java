package org.ioasis.api.device;

import java.util.Objects;
import java.util.Optional;

/**
 * What a tenant is.
 *
 * @param name for people and messages
 * @param declaredCoherent what its user says about coherence; empty if he says nothing. A
 *     difference to what the devices say is a warning
 */
public record TenantSpec(String name, Optional<Boolean> declaredCoherent) {
  /** A tenant has a name. */
  public TenantSpec {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(declaredCoherent, "declaredCoherent");
  }
}
