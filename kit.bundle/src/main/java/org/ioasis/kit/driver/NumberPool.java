package org.ioasis.kit.driver;

import java.util.BitSet;

/**
 * Small numbers that hardware tags with: domain-ids, VMIDs, ASIDs. The lowest free one is taken
 * first, so equal histories give equal numbers. A number comes back only after everything under it
 * was invalidated.
 *
 * <p><b>Threading:</b> any thread; {@code this} guards the numbers.
 */
public final class NumberPool {
  private final BitSet taken = new BitSet();
  private final int first;
  private final int end;

  /**
   * Numbers from {@code first} on, below {@code end}.
   *
   * @param end exclusive
   */
  public NumberPool(int first, int end) {
    this.first = first;
    this.end = end;
  }

  /** Takes the lowest free number; -1 if there is none. */
  public synchronized int take() {
    int number = taken.nextClearBit(first);
    if (number >= end) {
      return -1;
    }
    taken.set(number);
    return number;
  }

  /**
   * Takes a certain number, one that a predecessor gave.
   *
   * @return whether it was free
   */
  public synchronized boolean take(int number) {
    if (number < 0 || number >= end || taken.get(number)) {
      return false;
    }
    taken.set(number);
    return true;
  }

  /** Gives a number back. */
  public synchronized void giveBack(int number) {
    taken.clear(number);
  }

  /** How many are taken. */
  public synchronized int count() {
    return taken.cardinality();
  }
}
