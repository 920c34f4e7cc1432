package org.ioasis.smmuv3.driver;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.ioasis.api.Blob;
import org.ioasis.api.driver.FaultSink;
import org.ioasis.api.driver.RecoverableFault;
import org.ioasis.kit.driver.Passes;
import org.ioasis.kit.driver.UnitWait;
import org.ioasis.smmuv3.format.Event;

/**
 * Empties event and PRI queue, and knows which stalls are open. A stall that the driver ends by
 * itself, because its stream is shut off, is withdrawn from the sink that was told of it.
 *
 * <p><b>Threading:</b> any thread outside of locks for {@link #run}. {@code this} guards what was
 * read and the open stalls; it is not held while a sink runs.
 */
final class QueueDrain {
  /** A stall by its stream and tag. */
  private record Stall(int sid, int tag) {}

  private final RecordQueue events;
  private final RecordQueue pages;
  private final Records records;
  private final Passes passes = new Passes(this::pass);
  private final Queue<Consumer<FaultSink>> read = new ArrayDeque<>();
  private final Map<Stall, RecoverableFault> stalls = new LinkedHashMap<>();
  private final AtomicLong seen = new AtomicLong();
  private final AtomicLong overflows = new AtomicLong();
  private volatile FaultSink sink;
  private volatile Guests guests = words -> null;

  /** Takes events of devices that guests have. */
  interface Guests {
    /** What hands an event over to its guest; null if it is none&#39;s. */
    Runnable claim(long[] words);
  }

  /**
   * A drain.
   *
   * @param pages the PRI queue, null without page requests
   */
  QueueDrain(RecordQueue events, RecordQueue pages, Records records) {
    this.events = events;
    this.pages = pages;
    this.records = records;
  }

  /** Says who may claim events for guests. */
  void guests(Guests who) {
    guests = who;
  }

  /** Says where records go; null leaves them for a successor. */
  void sink(FaultSink to) {
    sink = to;
  }

  /** Reads both queues. */
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

  private void page(long[] words) {
    seen.incrementAndGet();
    RecoverableFault fault = records.page(words);
    read.add(to -> to.recoverable(fault));
  }

  private void event(long[] words) {
    seen.incrementAndGet();
    if (!Event.STALL.isSet(words[1])) {
      Runnable claimed = guests.claim(words);
      if (claimed != null) {
        read.add(to -> claimed.run());
        return;
      }
      var fault = records.event(words);
      read.add(to -> to.unrecoverable(fault));
      return;
    }
    RecoverableFault fault = records.stall(words);
    stalls.put(new Stall(fault.sourceId(), fault.group()), fault);
    read.add(to -> to.recoverable(fault));
  }

  /** A stall is answered: false if it is not open, because the unit or the driver has ended it. */
  synchronized boolean answer(int sid, int tag) {
    return stalls.remove(new Stall(sid, tag)) != null;
  }

  /** Withdraws every open stall of a stream; they are told outside. */
  synchronized void withdraw(int sid) {
    List<RecoverableFault> gone = new ArrayList<>();
    stalls.entrySet().removeIf(entry -> entry.getKey().sid() == sid && gone.add(entry.getValue()));
    gone.forEach(fault -> read.add(to -> to.withdrawn(fault)));
  }

  /** The records of the open stalls, for a successor. */
  synchronized List<Blob> openStalls() {
    return stalls.values().stream().map(RecoverableFault::record).toList();
  }

  /** Goes on with a stall that a predecessor left open. */
  synchronized void adopt(long[] words) {
    RecoverableFault fault = records.stall(words);
    stalls.put(new Stall(fault.sourceId(), fault.group()), fault);
  }

  /** Reads and hands over; returns at once if another thread does. Outside of locks. */
  void run() {
    passes.run();
  }

  /** Returns when a pass has ended that began after this call, in whatever thread. */
  void runNow(UnitWait waiting) {
    passes.runNow(waiting, "the end of a pass over its queues");
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
    synchronized (this) {
      counters.put("stalls.open", (long) stalls.size());
    }
  }
}
