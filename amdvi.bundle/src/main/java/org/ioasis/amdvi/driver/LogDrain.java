package org.ioasis.amdvi.driver;

import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.ioasis.amdvi.format.CommandEvent;
import org.ioasis.amdvi.format.Event;
import org.ioasis.api.driver.FaultSink;
import org.ioasis.kit.driver.Passes;
import org.ioasis.kit.driver.UnitWait;

/**
 * Empties the unit&#39;s logs. Reading and handing over are two things: a log may be read by a
 * thread that is inside the driver, to see whether a device answered; records are handed to the
 * sink outside only, in order, by one thread at a time.
 *
 * <p><b>Threading:</b> any thread. {@code this} guards the logs and what was read; it is not held
 * while a sink runs. {@link Passes} lets one thread hand over and others leave their wish to it.
 */
final class LogDrain {
  private final LogRing events;
  private final LogRing pages;
  private final Records records;
  private final Queue<Consumer<FaultSink>> read = new ArrayDeque<>();
  private final Set<Integer> silent = new HashSet<>();
  private final Passes passes = new Passes(this::pass);
  private final AtomicLong seen = new AtomicLong();
  private final AtomicLong overflows = new AtomicLong();
  private volatile FaultSink sink;

  /**
   * A drain.
   *
   * @param pages the PPR log, null without page requests
   */
  LogDrain(LogRing events, LogRing pages, Records records) {
    this.events = events;
    this.pages = pages;
    this.records = records;
  }

  /** Says where records go; null leaves them for a successor. */
  void sink(FaultSink to) {
    sink = to;
  }

  /** Reads both logs. */
  synchronized void read() {
    if (pages != null && pages.read(this::page)) {
      overflows.incrementAndGet();
      read.add(to -> to.lost(true, 1));
    }
    if (events.read(this::event)) {
      overflows.incrementAndGet();
      read.add(to -> to.lost(false, 1));
    }
  }

  private void page(long word0, long word1) {
    seen.incrementAndGet();
    read.add(to -> to.recoverable(records.page(word0, word1)));
  }

  private void event(long word0, long word1) {
    seen.incrementAndGet();
    if (Event.code(word0) == Event.IOTLB_INV_TIMEOUT) {
      silent.add((int) CommandEvent.DEVICE_ID.get(word0));
    }
    read.add(to -> to.unrecoverable(records.event(word0, word1)));
  }

  /** The devices that did not answer an invalidation since the last call. */
  synchronized Set<Integer> takeSilent() {
    Set<Integer> taken = Set.copyOf(silent);
    silent.clear();
    return taken;
  }

  /** Reads and hands over; returns at once if another thread does. Outside of locks. */
  void run() {
    passes.run();
  }

  /** Returns when a pass has ended that began after this call, in whatever thread. */
  void runNow(UnitWait waiting) {
    passes.runNow(waiting, "the end of a pass over its logs");
  }

  private void pass() {
    FaultSink to = sink;
    if (to != null) {
      read();
      hand(to);
    }
  }

  /** Hands over what was read before, the unit being off. Outside of locks. */
  void handOnly() {
    FaultSink to = sink;
    if (to != null) {
      hand(to);
    }
  }

  private void hand(FaultSink to) {
    Consumer<FaultSink> next = poll();
    boolean any = next != null;
    while (next != null) {
      next.accept(to);
      next = poll();
    }
    if (any) {
      to.drained();
    }
  }

  private synchronized Consumer<FaultSink> poll() {
    return read.poll();
  }

  /** Adds the counters. */
  void count(Map<String, Long> counters) {
    counters.put("faults", seen.get());
    counters.put("faults.overflows", overflows.get());
  }
}
