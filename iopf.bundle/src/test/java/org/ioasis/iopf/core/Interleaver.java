package org.ioasis.iopf.core;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Runs actors one at a time and switches between them only at points, in every order there is up to
 * a number of preemptions. A point stands before each lock is taken and at each call out of the
 * router; between two points of one thread nothing is shared but what one atomic instruction
 * changes.
 */
final class Interleaver implements AutoCloseable {
  private static final ThreadLocal<Actor> CURRENT = new ThreadLocal<>();

  private static boolean always() {
    return true;
  }

  /** What is explored: made anew for every order. */
  interface Scene {
    /** Who acts. */
    List<Runnable> actors();

    /** Throws unless all is as it must be, after all have ended. */
    void check();
  }

  private static final class Actor {
    final Semaphore go = new Semaphore(0);
    final Semaphore stopped;
    BooleanSupplier enabled = Interleaver::always;
    boolean done;
    Throwable thrown;

    Actor(Semaphore stopped) {
      this.stopped = stopped;
    }
  }

  private record Choice(int taken, int options) {}

  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          task -> {
            Thread thread = new Thread(task, "actor");
            thread.setDaemon(true);
            return thread;
          });
  private final int preemptions;

  Interleaver(int preemptions) {
    this.preemptions = preemptions;
  }

  /** A point at which another actor may go on; nothing outside of an exploration. */
  static void point() {
    pointUntil(Interleaver::always);
  }

  /** The same; the actor goes on only when the condition holds. */
  static void pointUntil(BooleanSupplier condition) {
    Actor actor = CURRENT.get();
    if (actor != null) {
      actor.enabled = condition;
      actor.stopped.release();
      actor.go.acquireUninterruptibly();
      actor.enabled = Interleaver::always;
    }
  }

  /** A lock with a point before it; taking it while another actor holds it is a failure. */
  static final class PointLock extends ReentrantLock {
    private static final long serialVersionUID = 1L;

    @Override
    public void lock() {
      if (CURRENT.get() == null) {
        super.lock();
        return;
      }
      point();
      if (!tryLock()) {
        throw new AssertionError("a call out was made under the lock");
      }
    }
  }

  /** Explores; returns the number of orders. */
  int explore(Supplier<Scene> scenes) {
    List<Choice> path = new ArrayList<>();
    int orders = 0;
    do {
      Scene scene = scenes.get();
      try {
        run(scene, path);
        scene.check();
      } catch (AssertionError e) {
        throw new AssertionError("in the order %s: %s".formatted(taken(path), e.getMessage()), e);
      }
      orders++;
    } while (next(path));
    return orders;
  }

  private static List<Integer> taken(List<Choice> path) {
    return path.stream().map(Choice::taken).toList();
  }

  /** Changes the last choice that has another option; false if none has. */
  private static boolean next(List<Choice> path) {
    while (!path.isEmpty()) {
      Choice last = path.remove(path.size() - 1);
      if (last.taken() + 1 < last.options()) {
        path.add(new Choice(last.taken() + 1, last.options()));
        return true;
      }
    }
    return false;
  }

  private void run(Scene scene, List<Choice> path) {
    Semaphore stopped = new Semaphore(0);
    List<Actor> actors = new ArrayList<>();
    for (Runnable work : scene.actors()) {
      Actor actor = new Actor(stopped);
      actors.add(actor);
      threads.execute(() -> act(actor, work));
    }
    Actor running = null;
    int left = preemptions;
    for (int depth = 0; ; depth++) {
      boolean canStay = running != null && !running.done && running.enabled.getAsBoolean();
      List<Actor> options = new ArrayList<>();
      if (canStay) {
        options.add(running);
      }
      for (Actor actor : actors) {
        boolean may = !canStay || left > 0;
        if (may && actor != running && !actor.done && actor.enabled.getAsBoolean()) {
          options.add(actor);
        }
      }
      if (options.isEmpty()) {
        break;
      }
      if (depth == path.size()) {
        path.add(new Choice(0, options.size()));
      }
      Actor chosen = options.get(path.get(depth).taken());
      if (canStay && chosen != running) {
        left--;
      }
      running = chosen;
      chosen.go.release();
      await(stopped);
    }
    for (Actor actor : actors) {
      if (actor.thrown != null) {
        throw new AssertionError("an actor threw " + actor.thrown, actor.thrown);
      }
      if (!actor.done) {
        throw new AssertionError("an actor waits for ever");
      }
    }
  }

  private static void await(Semaphore stopped) {
    try {
      if (!stopped.tryAcquire(20, TimeUnit.SECONDS)) {
        throw new AssertionError("an actor is blocked outside of a point");
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void act(Actor actor, Runnable work) {
    actor.go.acquireUninterruptibly();
    CURRENT.set(actor);
    try {
      work.run();
    } catch (Throwable thrown) { // told by the exploring thread
      actor.thrown = thrown;
    } finally {
      CURRENT.remove();
      actor.done = true;
      actor.stopped.release();
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
