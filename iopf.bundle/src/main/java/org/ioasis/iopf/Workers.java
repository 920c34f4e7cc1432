package org.ioasis.iopf;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;
import org.ioasis.iopf.core.Dispatcher;
import org.ioasis.iopf.core.Turn;

/**
 * The threads that deliver faults and send answers: at most so many, started on demand. A thread
 * that has run a device's turn stays with it for a while, parked, so that the next fault of that
 * device costs one unpark and no queue; if another device has to wait for a thread meanwhile, it
 * takes that one. A thread inside a handler that does not return stops counting when its turn has
 * been given to another, so stalled handlers never use the pool up.
 *
 * <p>{@code hand} of a worker is null while it works, LOOKING while it looks there for a turn
 * without pause, PARKED from before it parks, and the turn itself from when it is given until it is
 * taken. Only a thread that was PARKED when it was given a turn is unparked: one that looks finds
 * the turn by itself, and whether it still looks is decided by one compare-and-set. A turn that
 * finds no thread is put into {@code waiting}; a thread looks there after it has said that it
 * lingers, and whoever puts a turn there looks for lingering threads afterwards, so that one of the
 * two sees the other.
 *
 * <p><b>Threading:</b> any thread.
 */
public final class Workers implements Dispatcher, AutoCloseable {
  private static final long LINGER_NANOS = 1_000_000_000L;
  private static final int PARKS = 4; // unparks that come late must not end a thread at once
  private static final long PATIENCE_MILLIS = 1_000;
  private static final int BETWEEN = 100; // looks at a thread that is just coming back
  private static final Object LOOKING = "looking";
  private static final Object PARKED = "parked";
  private static final VarHandle HAND;

  static {
    try {
      HAND = MethodHandles.lookup().findVarHandle(Worker.class, "hand", Object.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final int most;
  private final int spins;
  private final Queue<Turn> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicReferenceArray<Worker> workers;
  private final Set<Worker> living = ConcurrentHashMap.newKeySet();
  private final AtomicInteger number = new AtomicInteger();
  private volatile boolean closed;

  /**
   * Makes the pool; no thread starts yet.
   *
   * @param most threads at once, 1 or more
   * @param spins looks at the place of the next turn before a thread parks; 0 to park at once
   */
  public Workers(int most, int spins) {
    if (most < 1 || spins < 0) {
      throw new IllegalArgumentException(
          "threads %d, spins %d: at least 1 and 0 are needed".formatted(most, spins));
    }
    this.most = most;
    this.spins = spins;
    this.workers = new AtomicReferenceArray<>(most);
  }

  @Override
  public void ready(Turn turn) {
    if (closed) {
      turn.run();
      return;
    }
    if (turn.seat() instanceof Worker worker) {
      if (worker.offerSoon(turn)) {
        return;
      }
      if (worker.isInside(turn)) {
        waiting.add(turn); // it gives others a chance and comes back to what waits
        return;
      }
    }
    if (!startFor(turn)) {
      waiting.add(turn);
      offerWaiting();
    }
  }

  /** Starts a thread, if one more is allowed. */
  private boolean startFor(Turn turn) {
    for (int i = 0; i < most; i++) {
      Worker there = workers.get(i);
      if (there == null || there.isLost()) {
        Worker worker = new Worker(i, turn);
        if (workers.compareAndSet(i, there, worker)) {
          living.add(worker);
          worker.thread.start();
          return true;
        }
      }
    }
    return false;
  }

  /** Gives what waits to threads that linger, or starts some if others have ended meanwhile. */
  private void offerWaiting() {
    for (int i = 0; i < most && !waiting.isEmpty(); i++) {
      Worker worker = workers.get(i);
      if (worker != null && worker.isLingering()) {
        Turn turn = waiting.poll();
        if (turn != null && !worker.offer(turn)) {
          waiting.add(turn);
        }
      }
    }
    while (!waiting.isEmpty() && hasRoom()) {
      Turn turn = waiting.poll();
      if (turn != null && !startFor(turn)) {
        waiting.add(turn);
        return;
      }
    }
  }

  private boolean hasRoom() {
    for (int i = 0; i < most; i++) {
      Worker there = workers.get(i);
      if (there == null || there.isLost()) {
        return true;
      }
    }
    return false;
  }

  private void runWaiting() {
    for (Turn turn = waiting.poll(); turn != null; turn = waiting.poll()) {
      turn.run();
    }
  }

  /** How many threads there are, the lost ones included. */
  int size() {
    return living.size();
  }

  /**
   * Ends the threads; those inside a handler are interrupted and left if they do not return. Turns
   * that become ready from now on run in the thread that asks.
   */
  @Override
  public void close() {
    closed = true;
    List<Worker> left = List.copyOf(living);
    left.forEach(worker -> LockSupport.unpark(worker.thread));
    runWaiting();
    try {
      for (Worker worker : left) {
        worker.thread.join(PATIENCE_MILLIS / left.size() + 1);
        worker.thread.interrupt();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** One thread with the turn it was given. */
  private final class Worker implements Runnable {
    private final int slot;
    private final Turn first;
    private final Thread thread;
    private volatile Object hand;
    private volatile Turn current;
    private volatile boolean ended;

    Worker(int slot, Turn first) {
      this.slot = slot;
      this.first = first;
      this.thread = new Thread(this, "iopf-" + number.incrementAndGet());
      thread.setDaemon(true);
    }

    boolean isLingering() {
      Object now = hand;
      return now == LOOKING || now == PARKED;
    }

    /** Whether it is inside a handler that does not return, whose turn another thread has. */
    boolean isLost() {
      Turn turn = current;
      return turn != null && turn.isOver();
    }

    /** Whether the calling thread is this one and inside this turn. */
    boolean isInside(Turn turn) {
      return thread == Thread.currentThread() && current == turn;
    }

    /** Gives it a turn if it has none. */
    boolean offer(Turn turn) {
      if (HAND.compareAndSet(this, LOOKING, turn)) {
        return true;
      }
      if (HAND.compareAndSet(this, PARKED, turn)) {
        LockSupport.unpark(thread);
        return true;
      }
      return false;
    }

    /** The same; if it is just on its way from one turn to the next, a moment later. */
    boolean offerSoon(Turn turn) {
      for (int i = 0; i < BETWEEN; i++) {
        if (offer(turn)) {
          return true;
        }
        if (current != null || ended || thread == Thread.currentThread()) {
          return false;
        }
        Thread.onSpinWait();
      }
      return false;
    }

    @Override
    public void run() {
      try {
        for (Turn turn = first; turn != null; turn = next()) {
          current = turn;
          turn.seat(this);
          turn.run();
          current = null;
        }
      } finally {
        ended = true;
        living.remove(this);
        if (workers.compareAndSet(slot, this, null)) {
          offerWaitingToOthers();
        }
      }
    }

    /** Something may have begun to wait while this thread was counted as one. */
    private void offerWaitingToOthers() {
      for (Turn turn = waiting.poll(); turn != null; turn = waiting.poll()) {
        ready(turn);
      }
    }

    /** The next turn; null to end. It is to be had by its device from the first moment on. */
    private Turn next() {
      hand = spins > 0 ? LOOKING : PARKED;
      if (workers.get(slot) == this) {
        offerWaiting(); // perhaps to this one
        linger();
      } // else it was lost for so long that another has its place
      Object given = HAND.getAndSet(this, null);
      return given instanceof Turn turn ? turn : null;
    }

    private void linger() {
      for (int i = 0; i < spins && hand == LOOKING && !closed; i++) {
        Thread.onSpinWait();
      }
      if (spins > 0 && !HAND.compareAndSet(this, LOOKING, PARKED)) {
        return; // it was given a turn
      }
      for (int i = 0; i < PARKS && isLingering() && !closed; i++) {
        LockSupport.parkNanos(this, LINGER_NANOS);
      }
    }
  }
}
