package org.ioasis.iopf.core;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.ioasis.api.Reason;
import org.ioasis.api.driver.BatchResult;
import org.ioasis.api.driver.FaultAnswer;
import org.ioasis.api.driver.FaultKind;
import org.ioasis.api.fault.FaultOrigin;
import org.ioasis.api.machine.PageResponse;

/**
 * Answers on their way to one device, sent in batches by one thread at a time: by the thread that
 * answers if it may, else by one of the dispatcher's. A slow driver delays its own devices only.
 *
 * <p>A device that asks without end and waits for no answer would fill it; beyond {@value
 * #MOST_OWED} owed answers its page requests are ended together by one response failure, which is
 * what PCIe has for it: the device's page request interface is off until it is enabled anew. Stalls
 * are bounded by the hardware and never folded.
 *
 * <p><b>Threading:</b> any thread; {@code pending} is guarded by itself and nothing foreign runs
 * under it.
 */
final class Outbox extends Turn {
  static final int MOST_OWED = 16_384;
  private static final int BATCH = 64;
  private static final int TRIES = 3;

  private final Router router;
  private final Deque<FaultAnswer> pending = new ArrayDeque<>();
  private int tries;
  private volatile Thread sender;

  Outbox(Router router, Dispatcher dispatcher) {
    super(dispatcher);
    this.router = router;
  }

  void add(FaultAnswer answer) {
    synchronized (pending) {
      if (pending.size() >= MOST_OWED && answer.kind() == FaultKind.PAGE_REQUEST) {
        collapse();
        pending.add(
            new FaultAnswer(
                answer.kind(),
                answer.sourceId(),
                answer.pasid(),
                answer.group(),
                PageResponse.Code.RESPONSE_FAILURE));
      } else {
        pending.add(answer);
      }
    }
  }

  private void collapse() {
    int before = pending.size();
    pending.removeIf(answer -> answer.kind() == FaultKind.PAGE_REQUEST);
    router.counters().add(Counter.COLLAPSED, before - pending.size());
  }

  /** The hardware has ended what this answers: it must not meet what uses the tag next. */
  void withdraw(FaultKind kind, int pasid, int group) {
    synchronized (pending) {
      int before = pending.size();
      pending.removeIf(a -> a.kind() == kind && a.pasid() == pasid && a.group() == group);
      router.counters().add(Counter.ANSWER_WITHDRAWN, before - pending.size());
    }
  }

  /** Whether everything has been sent. */
  boolean isEmpty() {
    synchronized (pending) {
      return pending.isEmpty();
    }
  }

  /** Whether nothing waits and no thread but the caller's is sending. */
  boolean isQuiet() {
    return sender == Thread.currentThread() || (isEmpty() && isIdle());
  }

  @Override
  boolean work() {
    List<FaultAnswer> batch = new ArrayList<>();
    synchronized (pending) {
      for (int i = 0; i < BATCH && !pending.isEmpty(); i++) {
        batch.add(pending.poll());
      }
    }
    if (batch.isEmpty()) {
      return false;
    }
    sender = Thread.currentThread();
    try {
      send(batch);
    } finally {
      sender = null;
    }
    return !isEmpty();
  }

  private void send(List<FaultAnswer> batch) {
    FaultOrigin origin = router.origin();
    if (origin == null) {
      router.counters().add(Counter.UNDELIVERABLE, batch.size());
      return;
    }
    BatchResult result = respond(origin, batch);
    int done = Math.max(0, Math.min(result.done(), batch.size()));
    router.counters().add(Counter.SENT, done);
    if (done < batch.size()) {
      unsent(batch.subList(done, batch.size()), result);
    } else {
      tries = 0;
    }
  }

  private static BatchResult respond(FaultOrigin origin, List<FaultAnswer> batch) {
    try {
      return origin.respond(batch);
    } catch (RuntimeException e) {
      return new BatchResult(0, Reason.HARDWARE, e.toString(), 0);
    }
  }

  /** The first one could not be sent; it is tried again or given up, the others come again. */
  private void unsent(List<FaultAnswer> rest, BatchResult result) {
    boolean gone = result.reason() == Reason.GONE;
    boolean giveUp = gone || ++tries >= TRIES;
    if (giveUp) {
      tries = 0;
      router.counters().count(gone ? Counter.UNDELIVERABLE : Counter.UNSENT);
      if (!gone) {
        router.watcher().unsent(rest.get(0), result);
      }
    }
    synchronized (pending) {
      for (int i = rest.size() - 1; i >= (giveUp ? 1 : 0); i--) {
        pending.addFirst(rest.get(i));
      }
    }
  }
}
