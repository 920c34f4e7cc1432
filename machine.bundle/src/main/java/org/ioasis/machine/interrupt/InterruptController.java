package org.ioasis.machine.interrupt;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.machine.Interrupts;
import org.ioasis.api.machine.Scheduler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The interrupt window of a machine and its vectors. A vector is an address in the window and data
 * that fits the 8-bit vector field of a PC, or 16 bits where the window is a single page (an Arm
 * GITS_TRANSLATER):
 *
 * <pre>
 *  address = window base + page * 4096        page: 0 to pages of the window - 1
 *  data    = 0x20 + number                    up to 0xEF, or 0xFFFF in a window of one page
 * </pre>
 *
 * <p><b>Threading:</b> any thread. {@code vectors} and {@code sinks} are concurrent; {@code this}
 * guards the search for a free place. Handlers run in turns of a queue each, so one never runs
 * twice at a time, and nobody's lock is held.
 */
public final class InterruptController implements Interrupts {
  private static final Logger LOG = LoggerFactory.getLogger(InterruptController.class);
  private static final int PAGE_LG2 = 12;
  private static final int FIRST_DATA = 0x20;
  private static final int LAST_DATA = 0xEF;
  private static final int LAST_DATA_ONE_PAGE = 0xFFFF;

  private record Message(long address, int data) {}

  private final Scheduler scheduler;
  private final long windowBase;
  private final long windowLast;
  private final long pages;
  private final int lastData;
  private final Map<Message, QueuedVector> vectors = new ConcurrentHashMap<>();
  private final List<Sink> sinks = new CopyOnWriteArrayList<>();
  private final AtomicLong unclaimed = new AtomicLong();
  private long nextPage;
  private int nextData = FIRST_DATA;

  /** Makes a controller for the window {@code base..last}. */
  public InterruptController(Scheduler scheduler, long windowBase, long windowLast) {
    this.scheduler = scheduler;
    this.windowBase = windowBase;
    this.windowLast = windowLast;
    pages = Math.max(1, windowLast - windowBase + 1 >>> PAGE_LG2);
    lastData = pages == 1 ? LAST_DATA_ONE_PAGE : LAST_DATA;
  }

  @Override
  public Vector allocate(String name, Handler handler) {
    Message message;
    QueuedVector vector;
    synchronized (this) {
      message = freeMessage(name);
      vector = new QueuedVector(scheduler, name, message.address, message.data, handler);
      vectors.put(message, vector);
    }
    vector.onClose(() -> vectors.remove(message, vector));
    return vector;
  }

  private Message freeMessage(String name) {
    long places = pages * (lastData - FIRST_DATA + 1);
    for (long tried = 0; tried < places; tried++) {
      Message message = new Message(windowBase + (nextPage << PAGE_LG2), nextData);
      if (nextData++ == lastData) {
        nextData = FIRST_DATA;
        nextPage = (nextPage + 1) % pages;
      }
      if (!vectors.containsKey(message)) {
        return message;
      }
    }
    throw new IoasisException(
        Reason.EXHAUSTED,
        "vector for %s refused: all %d of the window 0x%x..0x%x are taken"
            .formatted(name, places, windowBase, windowLast));
  }

  @Override
  public void deliver(long address, int data) {
    for (Sink sink : sinks) {
      try {
        sink.message(address, data);
      } catch (RuntimeException e) {
        LOG.error("interrupt sink threw; it stays", e);
      }
    }
    QueuedVector vector = vectors.get(new Message(address, data));
    if (vector == null) {
      unclaimed.incrementAndGet();
    } else {
      vector.post();
    }
  }

  @Override
  public boolean isInterruptWindow(long address) {
    return address >= windowBase && address <= windowLast;
  }

  @Override
  public AutoCloseable addSink(Sink sink) {
    Sink own = sink::message; // its own identity, so that closing removes this registration only
    sinks.add(own);
    return () -> sinks.remove(own);
  }

  @Override
  public long unclaimed() {
    return unclaimed.get();
  }

  /** Vectors by name, for tools; a snapshot. */
  public Map<String, Long> received() {
    Map<String, Long> counts = new HashMap<>();
    vectors.values().forEach(vector -> counts.merge(vector.name(), vector.posted(), Long::sum));
    return counts;
  }
}
