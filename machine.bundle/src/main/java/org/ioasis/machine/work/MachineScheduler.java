package org.ioasis.machine.work;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.machine.Scheduler;
import org.ioasis.api.machine.Work;
import org.ioasis.api.machine.WorkQueue;

/**
 * The scheduler of one machine, in one of three modes. Inline a kick takes the turn itself;
 * threaded it goes to a pool whose daemon threads start on demand, one per queue at most, so that a
 * turn that waits for another queue's never starves it; in steps it waits in a list, from which
 * {@link #step} draws with the machine's seed.
 *
 * <p>A turn that says WAITING comes again: after a pause in the same thread, in steps when it is
 * drawn again. Inline it would wait for ever if the caller's own burst is what it waits for, so the
 * kick throws then; the turn stays asked for and comes with the next kick.
 *
 * <p><b>Threading:</b> any thread. {@code this} guards the lists; it is not held during a turn.
 */
public final class MachineScheduler implements Scheduler, AutoCloseable {
  private static final long IDLE_SECONDS = 5;
  private static final long POLL_NANOS = 20_000;

  private final String machine;
  private final Mode mode;
  private final BooleanSupplier callerInBurst;
  private final Random random;
  private final List<Place> places = new ArrayList<>();
  private final List<Place> ready = new ArrayList<>();
  private final AtomicLong turns = new AtomicLong();
  private final AtomicLong failures = new AtomicLong();
  private ThreadPoolExecutor pool;
  private boolean closed;

  /**
   * Makes a scheduler; threads start with the first kick.
   *
   * @param machine names the threads
   * @param callerInBurst whether the calling thread has a DMA burst of the machine open
   */
  public MachineScheduler(String machine, Mode mode, long seed, BooleanSupplier callerInBurst) {
    this.machine = machine;
    this.mode = mode;
    this.callerInBurst = callerInBurst;
    this.random = new Random(seed);
  }

  @Override
  public Mode mode() {
    return mode;
  }

  @Override
  public WorkQueue queue(String name, Work work) {
    Place place = new Place(this, name, work);
    synchronized (this) {
      if (closed) {
        throw new IoasisException(
            Reason.GONE, "work queue %s refused: machine %s is closed".formatted(name, machine));
      }
      places.add(place);
    }
    return place;
  }

  @Override
  public void remove(WorkQueue queue) {
    Place place = own(queue);
    place.remove();
    synchronized (this) {
      places.remove(place);
      ready.remove(place);
    }
  }

  private Place own(WorkQueue queue) {
    if (queue instanceof Place place) {
      return place;
    }
    throw new IoasisException(
        Reason.INVALID, "work queue %s is not of machine %s".formatted(queue.name(), machine));
  }

  @Override
  public boolean step() {
    if (mode != Mode.STEPS) {
      throw new IllegalStateException(
          "step refused: machine %s runs %s; make it with Mode.STEPS".formatted(machine, mode));
    }
    Place place = draw();
    if (place == null) {
      return false;
    }
    place.runOnce();
    return true;
  }

  private synchronized Place draw() {
    return ready.isEmpty() ? null : ready.remove(random.nextInt(ready.size()));
  }

  /**
   * Lets pending work move on, for a thread that waits on the machine's clock.
   *
   * @return whether a turn was taken that is done, or other threads are inside turns
   */
  public boolean progress() {
    if (mode != Mode.STEPS) {
      return progressElsewhere();
    }
    int budget;
    synchronized (this) {
      budget = 2 * ready.size();
    }
    for (int i = 0; i < budget; i++) {
      Place place = draw();
      if (place == null) {
        return false;
      }
      if (place.runOnce() == Work.Progress.DONE) {
        return true;
      }
    }
    return false;
  }

  /** Whether work waits for something that ends by itself. */
  public boolean isWaiting() {
    return any(Place::isWaiting);
  }

  /** Gives other threads a short pause if they are inside turns; says whether they are. */
  private boolean progressElsewhere() {
    if (!any(Place::isBusyElsewhere)) {
      return false;
    }
    LockSupport.parkNanos(this, POLL_NANOS);
    return true;
  }

  @Override
  public boolean runUntilIdle(int maxSteps) {
    if (mode == Mode.STEPS) {
      for (int i = 0; i < maxSteps; i++) {
        if (!step()) {
          return true;
        }
      }
      return !any(Place::isPendingElsewhere);
    }
    long limit = turns.get() + maxSteps;
    while (any(Place::isPendingElsewhere)) {
      if (turns.get() > limit) {
        return false;
      }
      checkMayWait("idle scheduler");
      if (mode == Mode.INLINE) {
        snapshot().forEach(Place::runToEnd); // what a refused wait left behind
      }
      LockSupport.parkNanos(this, POLL_NANOS);
    }
    return true;
  }

  private boolean any(Predicate<Place> test) {
    return snapshot().stream().anyMatch(test);
  }

  private synchronized List<Place> snapshot() {
    return List.copyOf(places);
  }

  /** Turns that threw so far. */
  public long failures() {
    return failures.get();
  }

  /** Turns taken so far. */
  public long turns() {
    return turns.get();
  }

  void countTurn() {
    turns.incrementAndGet();
  }

  void countFailure() {
    failures.incrementAndGet();
  }

  /** Refuses a wait that the caller's own burst would make endless. */
  void checkMayWait(String what) {
    if (callerInBurst.getAsBoolean()) {
      throw new IllegalStateException(
          "wait for %s refused: the calling thread has a DMA burst open; end it first"
              .formatted(what));
    }
  }

  /** A place that was idle has been kicked. */
  void kicked(Place place) {
    switch (mode) {
      case INLINE -> place.runToEnd();
      case THREADED -> submit(place);
      case STEPS -> makeReady(place);
    }
  }

  /** A place has been kicked that was asked for already and is not running. */
  void kickedAgain(Place place) {
    if (mode == Mode.INLINE) {
      place.runToEnd();
    }
  }

  /** A turn ended that must come again. */
  void abandoned(Place place) {
    if (mode == Mode.STEPS) {
      makeReady(place);
    }
  }

  private synchronized void makeReady(Place place) {
    if (!place.isRemoved() && !ready.contains(place)) {
      ready.add(place);
    }
  }

  private void submit(Place place) {
    ThreadPoolExecutor executor;
    synchronized (this) {
      if (closed) {
        return;
      }
      if (pool == null) {
        pool = newPool();
      }
      executor = pool;
    }
    try {
      executor.execute(place::runToEnd);
    } catch (RejectedExecutionException e) {
      assert isClosed() : e; // the machine closed meanwhile, which removes the place
    }
  }

  private ThreadPoolExecutor newPool() {
    AtomicInteger number = new AtomicInteger();
    return new ThreadPoolExecutor(
        0,
        Integer.MAX_VALUE,
        IDLE_SECONDS,
        TimeUnit.SECONDS,
        new SynchronousQueue<>(),
        task -> {
          Thread thread = new Thread(task, machine + ".work-" + number.incrementAndGet());
          thread.setDaemon(true);
          return thread;
        });
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  /** Removes every place, waits for turns under way, and ends the threads. */
  @Override
  public void close() {
    List<Place> left;
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      left = List.copyOf(places);
    }
    left.forEach(this::remove);
    synchronized (this) {
      if (pool != null) {
        pool.shutdown();
      }
    }
  }
}
