package org.ioasis.machine.engine;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.ioasis.api.machine.Endpoint;
import org.ioasis.api.machine.StallEnd;
import org.ioasis.api.machine.TimeSource;

/**
 * The stalled transactions of an engine. The end of one may come before the thread that sent it
 * knows its tag, so ends of unknown tags are kept for a while, at most {@value #MOST_EARLY}, and
 * the last one that was for all. One that came before the transaction was sent is another&#39;s: a
 * unit that the device has left may end what it held once more, under a tag that the next unit
 * uses, too.
 *
 * <p><b>Threading:</b> any thread; {@code this} guards everything but the reading of {@code ends}
 * and is never held while waiting.
 */
final class StallList {
  private static final int MOST_EARLY = 64;

  /** An end that came before whom it was for, and when. */
  private record Early(StallEnd end, long number) {}

  /** A transaction that waits. */
  private static final class Held {
    volatile StallEnd end;
  }

  private final TimeSource time;
  private final long waitNanos;
  private final Map<Long, Held> held = new HashMap<>();
  private final Map<Long, Early> early = new LinkedHashMap<>();
  private Early all = new Early(null, 0); // the last one that was for all of them
  private volatile long ends; // written under the lock, read before each access without
  private long stalls;
  private long moved;

  StallList(TimeSource time, long waitNanos) {
    this.time = time;
    this.waitNanos = waitNanos;
  }

  /** The unit ended a transaction, or all of them. */
  synchronized void ended(long tag, StallEnd end) {
    ends++;
    if (tag == Endpoint.ALL_STALLS) {
      all = new Early(end, ends);
      held.values().forEach(transaction -> transaction.end = end);
      held.clear();
      return;
    }
    Held transaction = held.remove(tag);
    if (transaction != null) {
      transaction.end = end;
      return;
    }
    early.put(tag, new Early(end, ends));
    if (early.size() > MOST_EARLY) {
      early.remove(early.keySet().iterator().next());
    }
  }

  /** Ends that came so far; to be taken inside a burst, before a transaction is sent. */
  long ends() {
    return ends;
  }

  /**
   * Waits for the end of a transaction; outside bursts. Null if it does not come in time.
   *
   * @param since {@link #ends} before it was sent, read inside the burst that sent it
   */
  StallEnd await(long tag, long since) {
    Held transaction = new Held();
    synchronized (this) {
      stalls++;
      Early already = early.remove(tag);
      if (already == null || already.number() <= since) {
        already = all;
      }
      if (already.number() > since) {
        return counted(already.end());
      }
      held.put(tag, transaction);
    }
    time.await(() -> transaction.end != null, waitNanos);
    synchronized (this) {
      held.remove(tag, transaction);
      return counted(transaction.end);
    }
  }

  private StallEnd counted(StallEnd end) {
    moved += end == StallEnd.MOVED ? 1 : 0;
    return end;
  }

  /** Forgets what is held; those who wait meet their time-out. */
  synchronized void forget() {
    held.clear();
    early.clear();
  }

  /** Adds the counters. */
  synchronized void count(Map<String, Long> counters) {
    counters.put("stalls", stalls);
    counters.put("stalls.open", (long) held.size());
    counters.put("stalls.moved", moved);
  }
}
