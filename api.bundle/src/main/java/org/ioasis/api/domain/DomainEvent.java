package org.ioasis.api.domain;

import java.util.List;
import org.ioasis.api.Handle;

/** What happened beneath address spaces. */
public sealed interface DomainEvent {
  /** Position in the order of events. */
  long sequence();

  /**
   * A user's tables cannot be read by the unit that now serves; the domain is dead.
   *
   * @param domain the domain
   * @param unitId the unit that now serves
   */
  record FormatLost(long sequence, Handle<Domain> domain, String unitId) implements DomainEvent {}

  /** A unit or its driver went; its devices are blocked. */
  record UnitGone(long sequence, String unitId, List<String> devices) implements DomainEvent {}

  /** A unit serves again; its devices pass. */
  record UnitBack(long sequence, String unitId, List<String> devices) implements DomainEvent {}

  /** A device was shut out because it did not answer an invalidation. */
  record DeviceIsolated(long sequence, String device) implements DomainEvent {}

  /** A swap ended. */
  record Swapped(long sequence, SwapReport report) implements DomainEvent {}
}
