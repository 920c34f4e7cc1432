package org.ioasis.shell.text;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Columns, each as wide as its widest cell. Without a frame: what people copy into a bug report
 * must survive it.
 *
 * <p><b>Threading:</b> one thread.
 */
public final class Table {
  private static final String GAP = "  ";

  private final List<List<String>> rows = new ArrayList<>();
  private final String indent;

  /**
   * @param indent before each row
   */
  public Table(String indent) {
    this.indent = indent;
  }

  /** A table whose first row is its heading. */
  public static Table withHeading(String... cells) {
    return new Table("").row(cells);
  }

  /** Appends a row. */
  public Table row(String... cells) {
    rows.add(Arrays.asList(cells));
    return this;
  }

  /** Prints all rows; the last cell of a row is not padded. */
  public void print(PrintStream out) {
    List<Integer> widths = widths();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder(indent);
      for (int column = 0; column < row.size(); column++) {
        line.append(column == 0 ? "" : GAP).append(row.get(column));
        if (column < row.size() - 1) {
          line.append(" ".repeat(widths.get(column) - row.get(column).length()));
        }
      }
      out.println(line.toString().stripTrailing());
    }
  }

  private List<Integer> widths() {
    List<Integer> widths = new ArrayList<>();
    for (List<String> row : rows) {
      for (int column = 0; column < row.size(); column++) {
        int length = column == row.size() - 1 ? 0 : row.get(column).length();
        if (column == widths.size()) {
          widths.add(length);
        } else {
          widths.set(column, Math.max(widths.get(column), length));
        }
      }
    }
    return widths;
  }
}
