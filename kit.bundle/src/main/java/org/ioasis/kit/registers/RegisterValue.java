package org.ioasis.kit.registers;

/**
 * One register with its contents, for inspection and saved state.
 *
 * @param name the register's name as the table has it
 * @param offset byte offset in the register block
 * @param bytes size, 4 or 8
 * @param value the contents, unsigned; see {@link RegisterFile#values}
 */
public record RegisterValue(String name, int offset, int bytes, long value) {

  /** {@code FSTS_REG @0x034 = 0x00000002}, the value with all its digits. */
  @Override
  public String toString() {
    String digits = bytes == 4 ? "%08x".formatted(value) : "%016x".formatted(value);
    return "%s @0x%03x = 0x%s".formatted(name, offset, digits);
  }
}
