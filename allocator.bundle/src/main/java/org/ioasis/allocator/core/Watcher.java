package org.ioasis.allocator.core;

import org.ioasis.api.ioasid.IoasidEvent;

/** Who keeps a record: logs and the flight recorder. Never called under a lock; must not block. */
public interface Watcher {
  /** Keeps no record. */
  Watcher NONE = new Watcher() {};

  /** Something happened, in the thread that caused it. */
  default void event(IoasidEvent event) {}

  /** A listener did not acknowledge in time. */
  default void laggard(String listener, IoasidEvent event) {}

  /** A listener threw. */
  default void failed(String listener, Throwable thrown) {}
}
