package org.ioasis.api.inspect;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An ordered list of named cells: how vendor-specific facts travel to people and files without a
 * vendor's Java type. A cell knows how its number is written (hexadecimal or decimal), not where.
 *
 * <p><b>Threading:</b> built by one thread, then read by any.
 */
public final class Row {
  /** How a cell is written. */
  public enum Kind {
    /** An address, register or table word; the value is a {@link Long}. */
    HEX,
    /** A count, level or identity people read in decimal; the value is a {@link Long}. */
    NUMBER,
    /** The value is a {@link Boolean}. */
    FLAG,
    /** The value is a {@link String}. */
    TEXT,
    /** Known to have no value; the value is null. */
    NOTHING,
    /** Words in order; the value is a {@code List<Long>}, written in hexadecimal. */
    WORDS,
    /** Nested rows; the value is a {@code List<Row>}. */
    ROWS
  }

  /**
   * One cell.
   *
   * @param kind how it is written
   * @param value of the type that the kind states
   */
  public record Cell(Kind kind, Object value) {}

  private final Map<String, Cell> cells = new LinkedHashMap<>();

  /** Appends or replaces a cell. */
  public Row put(String key, Cell cell) {
    cells.put(key, cell);
    return this;
  }

  /** Appends a hexadecimal number. */
  public Row hex(String key, long value) {
    return put(key, new Cell(Kind.HEX, value));
  }

  /** Appends a decimal number. */
  public Row number(String key, long value) {
    return put(key, new Cell(Kind.NUMBER, value));
  }

  /** Appends a truth value. */
  public Row flag(String key, boolean value) {
    return put(key, new Cell(Kind.FLAG, value));
  }

  /** Appends a text. */
  public Row text(String key, String value) {
    return put(key, new Cell(Kind.TEXT, value));
  }

  /** Appends a cell that has no value. */
  public Row nothing(String key) {
    return put(key, new Cell(Kind.NOTHING, null));
  }

  /** Appends words. */
  public Row words(String key, Collection<Long> words) {
    return put(key, new Cell(Kind.WORDS, List.copyOf(words)));
  }

  /** Appends nested rows. */
  public Row rows(String key, List<Row> rows) {
    return put(key, new Cell(Kind.ROWS, new ArrayList<>(rows)));
  }

  /** The cells in order; a read-only view. */
  public Map<String, Cell> cells() {
    return java.util.Collections.unmodifiableMap(cells);
  }

  /** Whether the row has this key. */
  public boolean has(String key) {
    return cells.containsKey(key);
  }

  /** The number in a HEX or NUMBER cell. */
  public Optional<Long> asLong(String key) {
    Cell cell = cells.get(key);
    return cell != null && cell.value() instanceof Long value
        ? Optional.of(value)
        : Optional.empty();
  }

  /** The text in a TEXT cell. */
  public Optional<String> asText(String key) {
    Cell cell = cells.get(key);
    return cell != null && cell.value() instanceof String value
        ? Optional.of(value)
        : Optional.empty();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Row row && cells.equals(row.cells);
  }

  @Override
  public int hashCode() {
    return cells.hashCode();
  }

  /** {@code key=value key=value}, for messages. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    cells.forEach(
        (key, cell) -> {
          text.append(text.isEmpty() ? "" : " ").append(key).append('=');
          text.append(
              cell.kind() == Kind.HEX
                  ? "0x" + Long.toHexString((Long) cell.value())
                  : cell.value());
        });
    return text.toString();
  }
}
