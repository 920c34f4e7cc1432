package org.ioasis.allocator.core;

import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongConsumer;

/**
 * The way of a close to the living instance of the allocator. Leases outlive updates of the bundle:
 * one that was taken from an old instance reaches the new one through this, which is made of
 * classes of the Java platform only and handed from instance to instance. Messages that come while
 * there is no instance wait.
 *
 * <p>A message is the number of a lease, or the negated number of a publisher.
 *
 * <p><b>Threading:</b> any thread; never blocks.
 */
final class Relay {
  private final AtomicReference<LongConsumer> target;
  private final Queue<Long> waiting;

  Relay() {
    this(new AtomicReference<>(), new ConcurrentLinkedQueue<>());
  }

  private Relay(AtomicReference<LongConsumer> target, Queue<Long> waiting) {
    this.target = target;
    this.waiting = waiting;
  }

  /** The same relay, out of what a predecessor left. */
  @SuppressWarnings("unchecked")
  static Relay of(Object left) {
    Map<String, Object> parts = (Map<String, Object>) left;
    return new Relay(
        (AtomicReference<LongConsumer>) parts.get("target"), (Queue<Long>) parts.get("waiting"));
  }

  Object leave() {
    target.set(null);
    Map<String, Object> parts = new HashMap<>();
    parts.put("target", target);
    parts.put("waiting", waiting);
    return parts;
  }

  void serve(Allocator allocator) {
    target.set(message -> deliver(allocator, message));
    flush();
  }

  void send(long message) {
    waiting.add(message);
    flush();
  }

  private void flush() {
    LongConsumer to = target.get();
    while (to != null) {
      Long message = waiting.poll();
      if (message == null) {
        return;
      }
      to.accept(message);
      to = target.get();
    }
  }

  private static void deliver(Allocator allocator, long message) {
    if (message > 0) {
      allocator.leases.close(message);
    } else {
      allocator.bindings.close(-message, null);
    }
  }
}
