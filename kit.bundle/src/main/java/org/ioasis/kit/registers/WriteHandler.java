package org.ioasis.kit.registers;

/**
 * What a unit does when software has written a register: behaviour only, the bits are already
 * stored. Runs on the writer's thread, once per register that a write reached.
 *
 * @param <U> the unit that owns the register file
 */
@FunctionalInterface
public interface WriteHandler<U> {

  /**
   * Acts on a write.
   *
   * @param unit the owner of the file
   * @param value the register's new contents, and the one-shot bits that were written as 1
   * @param old the contents before the write; {@code old & ~value} are the bits that a
   *     write-1-to-clear took away
   */
  void written(U unit, long value, long old);
}
