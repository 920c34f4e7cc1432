package org.ioasis.allocator.core;

import org.ioasis.api.ioasid.IoasidEvent;

/** Who keeps a record: logs and the flight recorder. Never called under a lock; must not block. */
public interface Watcher {
  /** Keeps no record. */
  Watcher NONE = new Watcher() {};

  /** Whether {@link #event} is of use now; nothing is made for it otherwise. */
  default boolean isRecording() {
    return false;
  }

  /** Something happened, in the thread that caused it. */
  default void event(IoasidEvent event) {}

  /** A listener did not acknowledge in time. */
  default void laggard(String listener, IoasidEvent event) {}

  /** A listener's queue ran over; the present ids are told to it anew. */
  default void overrun(String listener, long lost) {}

  /** A listener threw. */
  default void failed(String listener, Throwable thrown) {}
}
