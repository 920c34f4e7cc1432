package org.ioasis.api.driver;

import java.util.Objects;
import java.util.Set;
import org.ioasis.api.Blob;

/**
 * What a domain is made of.
 *
 * @param type what it does with a request
 * @param flags what it must be able to do
 * @param inputBits width of its IOVAs for {@link Type#PAGING}, 0 for the driver's choice
 * @param stage 1 or 2 for {@link Type#PAGING} if the format matters, 0 for the driver's choice
 * @param parent the second stage of a nested domain; else null
 * @param data the user's first stage of a nested domain as the kernel's vendor structure, or
 *     vendor-specific wishes for the others; null if none
 */
public record DomainSpec(
    Type type, Set<DomainFlag> flags, int inputBits, int stage, DriverDomain parent, Blob data) {
  /** What a domain does with a request. */
  public enum Type {
    /** Translates by tables that the driver keeps. */
    PAGING,
    /** Translates by the user's tables, and then by the parent's. */
    NESTED,
    /** Passes addresses unchanged. */
    IDENTITY,
    /** Refuses everything. */
    BLOCKED
  }

  /** Copies the set; a nested domain has a parent and data, and no other has a parent. */
  public DomainSpec {
    Objects.requireNonNull(type, "type");
    flags = Set.copyOf(flags);
    if ((type == Type.NESTED) != (parent != null)) {
      throw new IllegalArgumentException(
          "domain of type %s: a parent is for nested domains, which need one".formatted(type));
    }
    if (type == Type.NESTED && data == null) {
      throw new IllegalArgumentException("nested domain: its first stage (data) is missing");
    }
    if (stage < 0 || stage > 2 || inputBits < 0 || inputBits > 64) {
      throw new IllegalArgumentException(
          "domain: stage %d is not 0 to 2 or inputBits %d not 0 to 64".formatted(stage, inputBits));
    }
  }

  /** A domain with tables of the driver's, in the driver's choice of format and width. */
  public static DomainSpec paging(Set<DomainFlag> flags) {
    return new DomainSpec(Type.PAGING, flags, 0, 0, null, null);
  }

  /** A user's first stage over a parent. */
  public static DomainSpec nested(DriverDomain parent, Blob data, Set<DomainFlag> flags) {
    return new DomainSpec(Type.NESTED, flags, 0, 0, parent, data);
  }

  /** A domain that passes addresses unchanged. */
  public static DomainSpec identity() {
    return new DomainSpec(Type.IDENTITY, Set.of(), 0, 0, null, null);
  }

  /** A domain that refuses everything. */
  public static DomainSpec blocked() {
    return new DomainSpec(Type.BLOCKED, Set.of(), 0, 0, null, null);
  }
}
