package org.ioasis.api.machine;

import org.osgi.annotation.versioning.ProviderType;

/** Time that moves only when told, for tests and seeded runs. */
@ProviderType
public interface VirtualTime extends TimeSource {
  /**
   * Moves time forward and runs every action that falls due, in order of time and of scheduling.
   */
  void advance(long nanos);

  /** Number of actions scheduled and neither run nor cancelled. */
  int pending();
}
