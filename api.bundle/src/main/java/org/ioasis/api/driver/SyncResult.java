package org.ioasis.api.driver;

import java.util.List;

/**
 * What a wait for completed invalidations met.
 *
 * @param unanswered source ids of devices that did not answer in time and were isolated; empty if
 *     all did
 */
public record SyncResult(List<Integer> unanswered) {
  /** Everybody answered. */
  public static final SyncResult COMPLETE = new SyncResult(List.of());

  /** Copies the list. */
  public SyncResult {
    unanswered = List.copyOf(unanswered);
  }

  /** Whether everybody answered. */
  public boolean complete() {
    return unanswered.isEmpty();
  }
}
