package org.ioasis.amdvi.hardware;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.ioasis.api.machine.TimeSource;

/** A clock that a test moves by hand; actions run inside {@link #advance}. One thread. */
final class ManualTime implements TimeSource {
  private final List<Action> actions = new ArrayList<>();
  private long now;

  private final class Action implements Timer {
    private final long due;
    private final Runnable run;

    Action(long due, Runnable run) {
      this.due = due;
      this.run = run;
    }

    @Override
    public boolean cancel() {
      return actions.remove(this);
    }
  }

  /** Moves the clock and runs what is due, in order. */
  void advance(long nanos) {
    now += nanos;
    while (true) {
      var next = actions.stream().min(Comparator.comparingLong(action -> action.due));
      if (next.isEmpty() || next.get().due > now) {
        return;
      }
      actions.remove(next.get());
      next.get().run.run();
    }
  }

  /** Actions that have neither run nor been cancelled. */
  int pending() {
    return actions.size();
  }

  @Override
  public long nanoTime() {
    return now;
  }

  @Override
  public Timer schedule(long delayNanos, Runnable action) {
    Action scheduled = new Action(now + Math.max(0, delayNanos), action);
    actions.add(scheduled);
    return scheduled;
  }

  @Override
  public boolean await(BooleanSupplier condition, long timeoutNanos) {
    return condition.getAsBoolean();
  }
}
