package org.ioasis.allocator.core;

import java.util.Locale;

/** What is counted. */
public enum Counter {
  ALLOCATED,
  ALLOCATION_REFUSED,
  LEASED,
  FREED,
  FREE_REPEATED,
  RECLAIMED,
  BOUND,
  UNBOUND,
  ACCESS_DENIED,
  LISTENER_FAILED,
  LISTENER_SLOW,
  LISTENER_VANISHED,
  LISTENER_OVERRUN,
  EVENTS_LOST,
  ACKNOWLEDGED,
  ACKNOWLEDGE_LATE,
  ACKNOWLEDGE_TIMED_OUT,
  REPLAYED,
  CUSTOM_CHOSEN,
  CUSTOM_FAILED,
  TAKEN_OVER;

  /** {@code acknowledge.timed.out}. */
  public String text() {
    return name().toLowerCase(Locale.ROOT).replace('_', '.');
  }
}
