package org.ioasis.shell.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.TreeMap;
import org.ioasis.api.command.Command;
import org.ioasis.shell.text.Json;

/**
 * The checks so far.
 *
 * <p><b>Threading:</b> one thread.
 */
final class Tally {
  private long passed;
  private long failed;
  private long setApart;
  private final Map<String, Long> classes = new TreeMap<>();
  private final ArrayNode mismatches = Json.array();

  /**
   * Counts one check of the demonstration's own.
   *
   * @param name the class it counts in
   * @param holds whether it passed
   * @param place what was looked at, for the mismatch
   * @param ours what was found, for the mismatch
   * @return {@code holds}
   */
  boolean check(String name, boolean holds, String place, String ours) {
    if (holds) {
      passed++;
      classes.merge(name, 1L, Long::sum);
    } else {
      failed++;
      mismatches.addObject().put("file", name).put("place", place).put("ours", ours);
    }
    return holds;
  }

  /** Counts something that cannot be checked with the bundles that run. */
  void setApart() {
    setApart++;
  }

  /** Adds what a checking command answered with {@code --json}. */
  void add(JsonNode answer) {
    passed += answer.path("passed").asLong();
    failed += answer.path("failed").asLong();
    setApart += answer.path("setApart").asLong();
    answer
        .path("classes")
        .properties()
        .forEach(entry -> classes.merge(entry.getKey(), entry.getValue().asLong(), Long::sum));
    answer.path("mismatches").forEach(mismatches::add);
  }

  /** Checks that failed. */
  long failed() {
    return failed;
  }

  /** The exit status: nothing checked is no success. */
  int status() {
    if (failed > 0) {
      return Command.NO;
    }
    return passed > 0 ? Command.SUCCESS : Command.BROKEN;
  }

  /** The last line. */
  String line() {
    String apart = setApart == 0 ? "" : ", %d set apart".formatted(setApart);
    return "%d passed, %d failed%s".formatted(passed, failed, apart);
  }

  /** The same for programs. */
  ObjectNode json() {
    ObjectNode node =
        Json.object().put("passed", passed).put("failed", failed).put("setApart", setApart);
    ObjectNode counts = node.putObject("classes");
    classes.forEach(counts::put);
    node.set("mismatches", mismatches);
    return node;
  }
}
