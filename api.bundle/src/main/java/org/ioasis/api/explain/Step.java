package org.ioasis.api.explain;

import java.util.List;

/**
 * One structure that was read.
 *
 * @param name the specification's name, with its place: {@code context-entry[00:04.0]}
 * @param address where it lies
 * @param raw its 64-bit words, lowest first
 * @param fields what it says, in the order of the specification
 */
public record Step(String name, long address, List<Long> raw, List<FieldValue> fields) {
  /** Copies the lists. */
  public Step {
    raw = List.copyOf(raw);
    fields = List.copyOf(fields);
  }

  /**
   * A decoded field.
   *
   * @param name the specification's name
   * @param value the value, as people write it
   */
  public record FieldValue(String name, String value) {}
}
