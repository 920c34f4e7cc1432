package org.ioasis.api;

import java.util.Objects;

/**
 * The right to use one object of a service, and the object's name while bundles come and go. A
 * service makes it, the owner keeps it or passes it on; whichever instance of the service lives
 * resolves it. There is no other authority: an integer alone opens nothing.
 *
 * <p>Identities are small and reused, as in the kernel's user API; the generation tells two objects
 * of one identity apart, and the secret, drawn at random, keeps a handle from being guessed. A
 * service stores the handle it made and compares with {@link #equals}.
 *
 * <p><b>Threading:</b> immutable.
 *
 * @param <T> the contract of the object, for example an address space
 */
public final class Handle<T> {
  private final Class<T> type;
  private final int id;
  private final int generation;
  private final long secret;

  /**
   * Made by the service that owns the object; a handle made by anybody else resolves to nothing.
   *
   * @param type the contract of the object
   * @param id identity, 1 or above, unique among the living objects of the service
   * @param generation how often the identity was used before
   * @param secret random bits
   */
  public Handle(Class<T> type, int id, int generation, long secret) {
    this.type = Objects.requireNonNull(type, "type");
    if (id < 1) {
      throw new IllegalArgumentException(
          "handle of %s: id %d is below 1".formatted(type.getSimpleName(), id));
    }
    this.id = id;
    this.generation = generation;
    this.secret = secret;
  }

  /** The contract of the object. */
  public Class<T> type() {
    return type;
  }

  /** Identity for people, messages and wire protocols; no authority by itself. */
  public int id() {
    return id;
  }

  /** How often the identity was used before. */
  public int generation() {
    return generation;
  }

  /** The random part, for the service that carries its objects to its successor. */
  public long secret() {
    return secret;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Handle<?> handle
        && id == handle.id
        && generation == handle.generation
        && secret == handle.secret
        && type == handle.type;
  }

  @Override
  public int hashCode() {
    return id * 31 + generation;
  }

  /** {@code AddressSpace 7.0}; never the secret. */
  @Override
  public String toString() {
    return "%s %d.%d".formatted(type.getSimpleName(), id, generation);
  }
}
