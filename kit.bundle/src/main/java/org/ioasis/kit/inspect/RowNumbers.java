package org.ioasis.kit.inspect;

import java.util.List;
import java.util.Optional;
import org.ioasis.api.inspect.Row;

/**
 * Numbers out of rows of captures and vectors, where most of them are hexadecimal text.
 *
 * <p><b>Threading:</b> pure functions.
 */
public final class RowNumbers {
  private RowNumbers() {}

  /**
   * The number in a HEX, NUMBER or hexadecimal TEXT cell; empty if there is none or the text is no
   * number.
   */
  public static Optional<Long> number(Row row, String key) {
    Optional<Long> value = row.asLong(key);
    return value.isPresent() ? value : row.asText(key).flatMap(RowNumbers::parse);
  }

  /** The words of a WORDS cell, or of any list of hexadecimal texts; empty if there is none. */
  public static List<Long> words(Row row, String key) {
    Row.Cell cell = row.cells().get(key);
    if (cell == null || !(cell.value() instanceof List<?> values)) {
      return List.of();
    }
    return values.stream()
        .flatMap(
            value ->
                value instanceof Long word
                    ? Optional.of(word).stream()
                    : parse(String.valueOf(value)).stream())
        .toList();
  }

  private static Optional<Long> parse(String text) {
    String digits = text.startsWith("0x") ? text.substring(2) : text;
    try {
      return Optional.of(Long.parseUnsignedLong(digits, 16));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }
}
