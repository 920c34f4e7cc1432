package org.ioasis.domain.command;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.ioasis.api.inspect.Row;

/** Writes rows of the same keys, as a table for people or as JSON. */
final class RowWriter {
  private RowWriter() {}

  /** A line per row below a line of keys; nothing if there are no rows. */
  static void table(PrintStream out, List<Row> rows) {
    if (rows.isEmpty()) {
      return;
    }
    List<List<String>> lines = new ArrayList<>();
    lines.add(rows.get(0).cells().keySet().stream().map(String::toUpperCase).toList());
    rows.forEach(row -> lines.add(row.cells().values().stream().map(RowWriter::text).toList()));
    int[] widths = new int[lines.get(0).size()];
    for (List<String> line : lines) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], line.get(i).length());
      }
    }
    for (List<String> line : lines) {
      StringBuilder padded = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        padded.append(line.get(i)).append(" ".repeat(widths[i] - line.get(i).length() + 2));
      }
      out.println(padded.toString().stripTrailing());
    }
  }

  /** One array of objects. Hexadecimal cells are strings, as in all answers of the platform. */
  static void json(PrintStream out, List<Row> rows) {
    out.println(array(rows, ",\n "));
  }

  private static String array(Row.Cell cell) {
    List<Row> rows = new ArrayList<>();
    for (Object row : (List<?>) cell.value()) {
      rows.add((Row) row);
    }
    return array(rows, ", ");
  }

  private static String array(List<Row> rows, String separator) {
    StringBuilder json = new StringBuilder("[");
    for (Row row : rows) {
      json.append(json.length() > 1 ? separator : "").append('{');
      String comma = "";
      for (Map.Entry<String, Row.Cell> cell : row.cells().entrySet()) {
        json.append(comma)
            .append(quoted(cell.getKey()))
            .append(": ")
            .append(value(cell.getValue()));
        comma = ", ";
      }
      json.append('}');
    }
    return json.append(']').toString();
  }

  private static String text(Row.Cell cell) {
    return switch (cell.kind()) {
      case HEX -> "0x" + Long.toHexString((Long) cell.value());
      case NOTHING -> "-";
      case ROWS -> String.valueOf(((List<?>) cell.value()).size());
      default -> String.valueOf(cell.value());
    };
  }

  private static String value(Row.Cell cell) {
    return switch (cell.kind()) {
      case NUMBER, FLAG -> String.valueOf(cell.value());
      case NOTHING -> "null";
      case ROWS -> array(cell);
      default -> quoted(text(cell));
    };
  }

  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        quoted.append('\\').append(c);
      } else if (c < ' ') {
        quoted.append("\\u%04x".formatted((int) c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }
}
