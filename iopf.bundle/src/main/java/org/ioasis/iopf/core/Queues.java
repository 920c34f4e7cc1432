package org.ioasis.iopf.core;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.ioasis.api.Handle;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.fault.FaultOrigin;
import org.ioasis.api.fault.FaultQueue;
import org.ioasis.iopf.core.GroupCore.Send;

/**
 * The users' queues. Their numbers are reused, their handles never equal.
 *
 * <p><b>Threading:</b> any thread; {@code this} guards the books.
 */
final class Queues {
  private final Router router;
  private final SecureRandom random = new SecureRandom();
  private final Map<Integer, QueueCore> living = new HashMap<>();
  private final Map<Integer, Integer> generations = new HashMap<>();
  private final BitSet taken = new BitSet();

  Queues(Router router) {
    this.router = router;
    taken.set(0);
  }

  synchronized QueueCore create(int capacity, long owner) {
    if (capacity < 1) {
      throw new IoasisException(
          Reason.INVALID, "queue refused: a capacity of %d holds nothing".formatted(capacity));
    }
    int id = taken.nextClearBit(1);
    taken.set(id);
    int generation = generations.merge(id, 1, Integer::sum) - 1;
    Handle<FaultQueue> handle = new Handle<>(FaultQueue.class, id, generation, random.nextLong());
    QueueCore queue = new QueueCore(this, handle, owner, capacity);
    living.put(id, queue);
    return queue;
  }

  synchronized QueueCore find(Handle<FaultQueue> handle) {
    QueueCore queue = living.get(handle.id());
    return queue != null && queue.handle().equals(handle) ? queue : null;
  }

  synchronized void forget(QueueCore queue) {
    int id = queue.handle().id();
    if (living.remove(id, queue)) {
      taken.clear(id);
    }
  }

  synchronized List<QueueCore> all() {
    return new ArrayList<>(living.values());
  }

  /** Puts a group into the queue of its page table, or answers it. */
  void deliver(GroupCore group) {
    QueueCore queue = find(group.route.queue());
    if (queue == null) {
      group.end(Ending.NO_QUEUE, Send.HERE);
      return;
    }
    router.counters().count(Counter.DELIVERED);
    router.observers().delivered(group);
    Ending refused = queue.offer(group);
    if (refused != null) {
      group.end(refused, Send.HERE);
    }
  }

  boolean isUsed(Handle<FaultQueue> handle) {
    FaultOrigin origin = router.origin();
    return origin != null && origin.uses(handle);
  }

  void threw(String who, Throwable thrown) {
    router.counters().count(Counter.OBSERVER_THREW);
    router.watcher().threw(who, thrown);
  }

  void countLate() {
    router.counters().count(Counter.LATE);
  }

  /** Ends the queues of a client that goes. */
  void endAllOf(long owner) {
    for (QueueCore queue : all()) {
      if (queue.owner() == owner) {
        queue.endNow();
      }
    }
  }

  void endAll() {
    all().forEach(QueueCore::endNow);
  }
}
