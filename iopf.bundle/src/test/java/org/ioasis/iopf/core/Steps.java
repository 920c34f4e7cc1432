package org.ioasis.iopf.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A dispatcher that a test steps, in an order drawn from a seed. */
final class Steps implements Dispatcher {
  private final List<Turn> ready = new ArrayList<>();
  private final Random random;

  Steps(long seed) {
    random = new Random(seed);
  }

  @Override
  public void ready(Turn turn) {
    ready.add(turn);
  }

  /** Runs one turn; false if none is ready. */
  boolean step() {
    if (ready.isEmpty()) {
      return false;
    }
    ready.remove(random.nextInt(ready.size())).run();
    return true;
  }

  /** Runs turns until none is ready. */
  void settle() {
    for (int i = 0; step(); i++) {
      if (i > 1_000_000) {
        throw new AssertionError("never idle");
      }
    }
  }
}
