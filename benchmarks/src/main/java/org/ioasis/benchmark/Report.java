package org.ioasis.benchmark;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintStream;
import java.io.Writer;
import java.util.List;
import java.util.Locale;

/** The table of goals with what was measured, for people and for programs. */
final class Report {
  /**
   * One line of the table.
   *
   * @param goal the goal
   * @param product median of the product's figures, NaN if there is none
   * @param floor median of the floor's figures, NaN if there is none
   * @param ratio median of the ratios round by round; without a floor the product's figure
   */
  record Line(Goal goal, double product, double floor, double ratio) {}

  private static final String ROW = "%-76s %10s %10s %7s %6s %6s  %s%n";
  private final List<Line> lines;
  private final Rounds rounds;

  Report(List<Goal> goals, Rounds rounds) {
    this.rounds = rounds;
    this.lines = goals.stream().map(goal -> line(goal, rounds)).toList();
  }

  private static Line line(Goal goal, Rounds rounds) {
    double floor = goal.floor() == null ? Double.NaN : Median.of(rounds.of(goal.floor()));
    if (!goal.isBuilt()) {
      return new Line(goal, Double.NaN, floor, Double.NaN);
    }
    double[] product = rounds.of(goal.product());
    double median = Median.of(product);
    if (goal.floor() == null) {
      return new Line(goal, median, floor, Math.round(median * 100) / 100.0);
    }
    return new Line(goal, median, floor, Median.ofRatios(product, rounds.of(goal.floor())));
  }

  /** Whether something that exists could not be measured. */
  boolean isBroken() {
    return lines.stream().anyMatch(line -> line.goal().isBuilt() && Double.isNaN(line.ratio()));
  }

  /** Prints the table. */
  void print(PrintStream out) {
    out.printf(ROW, "item", "product", "floor", "ratio", "must", "aim", "verdict");
    for (Line line : lines) {
      Goal goal = line.goal();
      out.printf(
          ROW,
          goal.item(),
          number(line.product()),
          number(line.floor()),
          number(line.ratio()),
          number(goal.must()),
          number(goal.aim()),
          goal.verdict(line.ratio()));
    }
  }

  private static String number(double value) {
    if (Double.isNaN(value)) {
      return "-";
    }
    return String.format(Locale.ROOT, value >= 100 ? "%.0f" : "%.2f", value);
  }

  /** Writes everything, with each round's figures. */
  void writeJson(Writer out) throws IOException {
    try (JsonGenerator json = new JsonFactory().createGenerator(out).useDefaultPrettyPrinter()) {
      json.writeStartObject();
      json.writeStringField("java", System.getProperty("java.vm.version"));
      json.writeNumberField("rounds", rounds.count());
      json.writeArrayFieldStart("goals");
      for (Line line : lines) {
        writeLine(json, line);
      }
      json.writeEndArray();
      json.writeEndObject();
    }
  }

  private void writeLine(JsonGenerator json, Line line) throws IOException {
    json.writeStartObject();
    json.writeStringField("item", line.goal().item());
    writeSide(json, "product", line.goal().product(), line.product());
    writeSide(json, "floor", line.goal().floor(), line.floor());
    writeNumber(json, "ratio", line.ratio());
    writeNumber(json, "must", line.goal().must());
    writeNumber(json, "aim", line.goal().aim());
    json.writeStringField("verdict", line.goal().verdict(line.ratio()));
    json.writeEndObject();
  }

  private void writeSide(JsonGenerator json, String side, Case one, double median)
      throws IOException {
    if (one == null) {
      json.writeNullField(side);
      return;
    }
    json.writeObjectFieldStart(side);
    json.writeStringField("benchmark", one.label());
    json.writeStringField("figure", one.figure() == Case.Figure.BYTES ? "B/op" : "ns/op");
    writeNumber(json, "median", median);
    json.writeArrayFieldStart("rounds");
    for (double value : rounds.of(one)) {
      if (Double.isNaN(value)) {
        json.writeNull();
      } else {
        json.writeNumber(value);
      }
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void writeNumber(JsonGenerator json, String name, double value)
      throws IOException {
    if (Double.isNaN(value)) {
      json.writeNullField(name);
    } else {
      json.writeNumberField(name, value);
    }
  }
}
