package org.ioasis.domain.device;

import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;
import org.ioasis.api.domain.DomainEvent;
import org.ioasis.api.domain.DomainListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells events beneath address spaces, in order, from somebody else's thread.
 *
 * <p><b>Threading:</b> any thread, locks held or not: {@link #post} queues and returns. One thread
 * tells at a time.
 */
public final class EventBus {
  private static final Logger LOG = LoggerFactory.getLogger(EventBus.class);

  private final Executor executor;
  private final List<DomainListener> listeners = new CopyOnWriteArrayList<>();
  private final ConcurrentLinkedQueue<DomainEvent> queue = new ConcurrentLinkedQueue<>();
  private final AtomicInteger asked = new AtomicInteger();
  private final AtomicLong sequence = new AtomicLong();
  private final AtomicLong failures = new AtomicLong();

  /**
   * @param executor runs the telling; may run it in the calling thread only if that holds no lock
   */
  public EventBus(Executor executor) {
    this.executor = executor;
  }

  /** A listener came. */
  public void add(DomainListener listener) {
    listeners.add(listener);
  }

  /** A listener goes. */
  public void remove(DomainListener listener) {
    listeners.remove(listener);
  }

  /** Queues an event; it gets the next number. */
  public void post(LongFunction<DomainEvent> event) {
    synchronized (queue) {
      queue.add(event.apply(sequence.incrementAndGet()));
    }
    if (asked.getAndIncrement() == 0) {
      executor.execute(this::tell);
    }
  }

  private void tell() {
    int before;
    do {
      before = asked.get();
      for (DomainEvent event = queue.poll(); event != null; event = queue.poll()) {
        for (DomainListener listener : listeners) {
          tell(listener, event);
        }
      }
    } while (!asked.compareAndSet(before, 0));
  }

  private void tell(DomainListener listener, DomainEvent event) {
    try {
      listener.event(event);
    } catch (RuntimeException | LinkageError e) {
      failures.incrementAndGet();
      LOG.warn("domain: a listener threw on {}", event, e);
    }
  }
}
