package org.ioasis.api.state;

import java.util.Objects;

/**
 * One register of a state.
 *
 * @param name as in the specification or the file it came from; the offset decides
 * @param offset bytes from the start of the register block
 * @param bytes width, 4 or 8
 * @param value the value, zero-extended
 */
public record RegisterValue(String name, long offset, int bytes, long value) {
  /** Checks the width. */
  public RegisterValue {
    Objects.requireNonNull(name, "name");
    if (bytes != 4 && bytes != 8) {
      throw new IllegalArgumentException(
          "register %s at 0x%x: width of %d bytes is neither 4 nor 8"
              .formatted(name, offset, bytes));
    }
  }
}
