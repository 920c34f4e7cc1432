package org.ioasis.allocator.core;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.ioasid.CustomAllocator;
import org.ioasis.api.machine.TimeSource;

/**
 * Numbers that somebody else chooses. Each instance of a chooser has an index, so that one that
 * starts anew is not blamed for naming what its former instance had out; its name tells to whom a
 * number goes back.
 *
 * <p><b>Threading:</b> {@code turn} serialises the calls; only calls of choosers wait for it, and
 * freeing an id never makes one. The queue of numbers going back is under the books' lock.
 */
final class CustomNumbers {
  /** What became of a number that a chooser named. */
  enum Claim {
    TAKEN,
    /** It was out before the chooser came; it is now the chooser's, and another is asked for. */
    OUT_BEFORE,
    WRONG
  }

  /** Tries to take a number that a chooser named. */
  interface Claimer {
    Claim claim(int id, int chooser);
  }

  /** A chooser that is there, and its index. */
  private record Present(CustomAllocator custom, String name, int index) {}

  private final Books books;
  private final TimeSource time;
  private final Executor executor;
  private final Watcher watcher;
  private final long waitNanos;
  private final ReentrantLock turn = new ReentrantLock();
  private final AtomicBoolean givingBack = new AtomicBoolean();
  private final List<String> names = new ArrayList<>(List.of("the allocator"));
  private NumberGoingBack first;
  private NumberGoingBack last;
  private volatile Present current;

  CustomNumbers(Books books, Surroundings around) {
    this.books = books;
    this.time = around.time();
    this.executor = around.executor();
    this.watcher = around.watcher();
    this.waitNanos = around.acknowledgeNanos();
  }

  boolean isPresent() {
    return current != null;
  }

  synchronized void use(CustomAllocator custom) {
    String name = custom.name();
    names.add(name);
    current = new Present(custom, name, names.size() - 1);
  }

  synchronized boolean drop(CustomAllocator custom) {
    Present present = current;
    boolean mine = present != null && present.custom == custom;
    current = mine ? null : present;
    return mine;
  }

  /** The index of a former chooser whose numbers are taken over. */
  synchronized int former(String name) {
    if (!names.contains(name)) {
      names.add(name);
    }
    return names.indexOf(name);
  }

  synchronized String name(int chooser) {
    return names.get(chooser);
  }

  /** Asks the chooser, if there still is one, until it names a free number. */
  void choose(Allocations.Choice choice, Claimer claimer) {
    Present present = current;
    if (present == null) {
      return;
    }
    if (turn.isHeldByCurrentThread()) {
      throw new IoasisException(
          Reason.INVALID,
          "allocation refused: %s allocates while it chooses".formatted(present.name));
    }
    if (!time.await(() -> turn.isHeldByCurrentThread() || turn.tryLock(), waitNanos)) {
      throw new IoasisException(
          Reason.TIMED_OUT, "allocation refused: " + present.name + " is busy for too long");
    }
    try {
      Claim claim = Claim.OUT_BEFORE;
      while (claim == Claim.OUT_BEFORE) { // each such number becomes the chooser's: at most 2^20
        int id = ask(present, choice);
        boolean fits = id >= choice.min && id <= choice.max;
        claim = fits ? claimer.claim(id, present.index) : Claim.WRONG;
        if (claim == Claim.WRONG) {
          throw wrong(
              present,
              "named 0x%x, which is out or not of 0x%x..0x%x".formatted(id, choice.min, choice.max),
              null);
        }
        choice.chooser = present.index;
        choice.id = claim == Claim.TAKEN ? id : -1;
      }
    } finally {
      turn.unlock();
    }
  }

  private int ask(Present present, Allocations.Choice choice) {
    OptionalInt number;
    try {
      number = present.custom.allocate(choice.min, choice.max);
    } catch (RuntimeException | LinkageError | AssertionError thrown) {
      throw wrong(present, "threw " + thrown, thrown);
    }
    if (number == null) {
      throw wrong(present, "answered null", null);
    }
    if (number.isEmpty()) {
      throw new IoasisException(
          Reason.EXHAUSTED,
          "allocation refused: %s has no number of 0x%x..0x%x"
              .formatted(present.name, choice.min, choice.max));
    }
    return number.getAsInt();
  }

  private IoasisException wrong(Present present, String what, Throwable cause) {
    failed();
    return new IoasisException(
        Reason.HARDWARE, "allocation refused: " + present.name + " " + what, cause);
  }

  private void failed() {
    books.lock.lock();
    books.count(Counter.CUSTOM_FAILED);
    books.lock.unlock();
  }

  /** Under the lock: queues a number for its chooser; nothing for the allocator's own. */
  void giveBackLater(NumberGoingBack node, int chooser, int id) {
    if (chooser == 0) {
      return;
    }
    node.backChooser = chooser;
    node.backId = id;
    if (last == null) {
      first = node;
    } else {
      last.behind = node;
    }
    last = node;
  }

  private NumberGoingBack take() {
    books.lock.lock();
    try {
      NumberGoingBack node = first;
      if (node != null) {
        first = node.behind;
        last = first == null ? null : last;
        node.behind = null;
      }
      return node;
    } finally {
      books.lock.unlock();
    }
  }

  /** The second phase: gives numbers back, in a thread of its own since a chooser may take time. */
  void pump() {
    boolean work;
    books.lock.lock();
    work = first != null;
    books.lock.unlock();
    if (work && givingBack.compareAndSet(false, true)) {
      executor.execute(this::giveBack);
    }
  }

  /** Gives numbers back to the chooser that is there; its troubles stay here. */
  private void giveBack() {
    turn.lock();
    try {
      for (NumberGoingBack node = take(); node != null; node = take()) {
        Present present = current;
        if (present != null && name(node.backChooser).equals(present.name)) {
          giveBack(present, node.backId);
        }
      }
    } finally {
      turn.unlock();
      givingBack.set(false);
    }
    pump(); // what came after the last look
  }

  private void giveBack(Present present, int id) {
    try {
      present.custom.free(id);
    } catch (RuntimeException | LinkageError | AssertionError thrown) {
      failed();
      watcher.failed("custom allocator " + present.name, thrown);
    }
  }
}
