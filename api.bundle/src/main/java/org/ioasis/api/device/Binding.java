package org.ioasis.api.device;

import java.util.Objects;

/**
 * What a user says when he binds a device.
 *
 * @param owner who, for messages about conflicts
 * @param label 64 bits of his choice, in every fault, event and invalidation error of the device
 * @param implicit whether {@link Device#map} may make space and domain by itself
 */
public record Binding(String owner, long label, boolean implicit) {
  /** A binding has an owner. */
  public Binding {
    Objects.requireNonNull(owner, "owner");
  }

  /** Explicit attaching only. */
  public static Binding of(String owner, long label) {
    return new Binding(owner, label, false);
  }
}
