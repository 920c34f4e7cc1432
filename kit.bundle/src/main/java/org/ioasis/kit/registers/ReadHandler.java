package org.ioasis.kit.registers;

/**
 * Computes what software reads from a register whose contents live in the unit. Free of side
 * effects: inspection and state export call it too.
 *
 * @param <U> the unit that owns the register file
 */
@FunctionalInterface
public interface ReadHandler<U> {

  /**
   * Returns what software reads.
   *
   * @param unit the owner of the file
   * @param stored the file's own contents of the register
   * @return the value, cut to the register's width
   */
  long read(U unit, long stored);
}
