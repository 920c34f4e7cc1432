package org.ioasis.domain.client;

import java.util.Objects;
import java.util.function.BooleanSupplier;

/**
 * A bundle that uses the services, or the platform itself.
 *
 * <p><b>Threading:</b> immutable.
 */
public final class Client {
  /** The platform itself: owns what no bundle asked for, and goes last. */
  public static final Client PLATFORM = new Client(0, "the platform", () -> true);

  private final long number;
  private final String name;
  private final BooleanSupplier trust;

  /**
   * @param number the framework's number of the bundle; stays the same over an update of ours
   * @param name its symbolic name
   * @param trust whether the configuration trusts it with memory; asked each time
   */
  public Client(long number, String name, BooleanSupplier trust) {
    this.number = number;
    this.name = Objects.requireNonNull(name, "name");
    this.trust = Objects.requireNonNull(trust, "trust");
  }

  /** The framework's number of the bundle. */
  public long number() {
    return number;
  }

  /** Symbolic name. */
  public String name() {
    return name;
  }

  /** Whether it may name physical memory. */
  public boolean trusted() {
    return trust.getAsBoolean();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Client client && client.number == number;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(number);
  }

  @Override
  public String toString() {
    return name;
  }
}
