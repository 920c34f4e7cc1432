package org.ioasis.allocator.core;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.ioasid.CustomAllocator;
import org.ioasis.api.machine.TimeSource;

/**
 * Numbers that somebody else chooses. A chooser is known by name, so that its numbers go back to
 * it, and to its next instance.
 *
 * <p><b>Threading:</b> {@code turn} serialises the calls; only calls of choosers wait for it, and
 * freeing an id never makes one.
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

  private record Back(int chooser, int id) {}

  private final TimeSource time;
  private final long waitNanos;
  private final ReentrantLock turn = new ReentrantLock();
  private final List<String> names = new ArrayList<>(List.of("the allocator"));
  private final ConcurrentLinkedQueue<Back> backs = new ConcurrentLinkedQueue<>();
  private volatile CustomAllocator current;

  CustomNumbers(TimeSource time, long waitNanos) {
    this.time = time;
    this.waitNanos = waitNanos;
  }

  boolean isPresent() {
    return current != null;
  }

  synchronized void use(CustomAllocator custom) {
    current = custom;
  }

  synchronized boolean drop(CustomAllocator custom) {
    boolean mine = current == custom;
    current = mine ? null : current;
    return mine;
  }

  synchronized int chooser(String name) {
    if (!names.contains(name)) {
      names.add(name);
    }
    return names.indexOf(name);
  }

  synchronized String name(int chooser) {
    return names.get(chooser);
  }

  /** Asks the chooser, if there still is one, until it names a free number. */
  void choose(Allocator.Choice choice, Claimer claimer) {
    CustomAllocator custom = current;
    if (custom == null) {
      return;
    }
    if (turn.isHeldByCurrentThread()) {
      throw new IoasisException(
          Reason.INVALID,
          "allocation refused: %s allocates while it chooses".formatted(custom.name()));
    }
    if (!time.await(() -> turn.isHeldByCurrentThread() || turn.tryLock(), waitNanos)) {
      throw new IoasisException(
          Reason.TIMED_OUT, "allocation refused: " + custom.name() + " is busy for too long");
    }
    try {
      Claim last = Claim.OUT_BEFORE;
      while (last == Claim.OUT_BEFORE) {
        OptionalInt number = custom.allocate(choice.min, choice.max);
        if (number.isEmpty()) {
          throw new IoasisException(
              Reason.EXHAUSTED,
              "allocation refused: %s has no number of 0x%x..0x%x"
                  .formatted(custom.name(), choice.min, choice.max));
        }
        int id = number.getAsInt();
        last =
            id < choice.min || id > choice.max
                ? Claim.WRONG
                : claimer.claim(id, chooser(custom.name()));
        if (last == Claim.TAKEN) {
          choice.chooser = chooser(custom.name());
          choice.id = id;
        } else if (last == Claim.WRONG) {
          throw new IoasisException(
              Reason.HARDWARE,
              "allocation refused: %s named 0x%x, which is out or not of 0x%x..0x%x"
                  .formatted(custom.name(), id, choice.min, choice.max));
        }
      }
    } finally {
      turn.unlock();
    }
  }

  /** Notes a number for {@link #giveBack}; nothing for the allocator's own. Never blocks. */
  void giveBackLater(int chooser, int id) {
    if (chooser != 0) {
      backs.add(new Back(chooser, id));
    }
  }

  boolean hasWork() {
    return !backs.isEmpty();
  }

  /** Gives numbers back to the choosers that are there; their troubles stay here. */
  void giveBack(Consumer<RuntimeException> failed) {
    turn.lock();
    try {
      for (Back back = backs.poll(); back != null; back = backs.poll()) {
        CustomAllocator custom = current;
        if (custom != null && name(back.chooser).equals(custom.name())) {
          custom.free(back.id);
        }
      }
    } catch (RuntimeException thrown) {
      failed.accept(thrown);
    } finally {
      turn.unlock();
    }
  }
}
