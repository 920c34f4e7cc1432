package org.ioasis.iopf.core;

import java.util.concurrent.atomic.AtomicInteger;
import org.ioasis.api.fault.FaultHandler;

/**
 * A handler as it is registered.
 *
 * <p><b>Threading:</b> any thread.
 */
final class HandlerEntry {
  private final FaultHandler handler;
  private final String name;
  private final int domain;
  private final int ranking;
  private final long serviceId;
  private final AtomicInteger stuck = new AtomicInteger();
  private volatile boolean gone;

  HandlerEntry(FaultHandler handler, String name, int domain, int ranking, long serviceId) {
    this.handler = handler;
    this.name = name;
    this.domain = domain;
    this.ranking = ranking;
    this.serviceId = serviceId;
  }

  FaultHandler handler() {
    return handler;
  }

  String name() {
    return name;
  }

  long serviceId() {
    return serviceId;
  }

  int domain() {
    return domain;
  }

  /** Whether it comes before another one for the same page table: as the framework orders. */
  boolean isBefore(HandlerEntry other) {
    return ranking != other.ranking ? ranking > other.ranking : serviceId < other.serviceId;
  }

  boolean isGone() {
    return gone;
  }

  void leave() {
    gone = true;
  }

  /** A call of it outlived the time-out of its group. */
  void stuck() {
    stuck.incrementAndGet();
  }

  /** Such a call has returned at last. */
  void returned() {
    stuck.decrementAndGet();
  }

  /** Whether such a call has still not returned; it gets no more groups then. */
  boolean isStuck() {
    return stuck.get() > 0;
  }
}
