package org.ioasis.api.ioasid;

import java.util.Objects;

/**
 * The owner of a set by name, for look-ups and permission checks: one set per token.
 *
 * @param type what kind of owner, for example {@code vm}; tokens of different types never meet
 * @param value the owner within its kind
 */
public record SetToken(String type, long value) {
  /** A token has a type. */
  public SetToken {
    Objects.requireNonNull(type, "type");
  }

  /** {@code vm:0x2a}. */
  @Override
  public String toString() {
    return "%s:0x%x".formatted(type, value);
  }
}
