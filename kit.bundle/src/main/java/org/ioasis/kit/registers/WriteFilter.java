package org.ioasis.kit.registers;

/**
 * Decides what a write stores, where that depends on the unit's state and a mask cannot say it: a
 * field guarded by an enable bit, a write dropped while an update is pending, a refused value.
 *
 * <p>A filter is a pure function of its arguments and of the unit's state. It may run more than
 * once for one write, when the hardware changes the register at the same moment.
 *
 * @param <U> the unit that owns the register file
 */
@FunctionalInterface
public interface WriteFilter<U> {

  /**
   * Returns the contents to store.
   *
   * @param unit the owner of the file
   * @param value the contents as the row's masks would have them, and the one-shot bits that were
   *     written as 1
   * @param old the present contents; returning it drops the write
   * @return the contents to store, cut to the register's width; one-shot bits in it reach the
   *     handler and are not stored
   */
  long admit(U unit, long value, long old);
}
