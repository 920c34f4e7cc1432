package org.ioasis.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Makes a table of requirements and the tests that cover them, from what the tests of all modules
 * recorded when they ran. A test that was executed several times, as a parameterized one is, stands
 * once, with the number of executions, and has failed if one of them failed.
 */
public final class RequirementsReport {
  private final SortedMap<Integer, SortedMap<String, Executions>> rows = new TreeMap<>();

  /** What became of the executions of one test. */
  private static final class Executions {
    int passed;
    int failed;
  }

  /**
   * Reads {@code ROOT/MODULE/target/requirements/*.tsv}, writes {@code
   * ROOT/target/requirements.md}.
   *
   * @param arguments the root folder
   * @throws IOException when a file cannot be read or written
   */
  public static void main(String[] arguments) throws IOException {
    Path root = Path.of(arguments[0]).toAbsolutePath().normalize();
    RequirementsReport report = new RequirementsReport();
    report.readAll(root);
    Path file = Files.createDirectories(root.resolve("target")).resolve("requirements.md");
    Files.writeString(file, report.toMarkdown(), StandardCharsets.UTF_8);
    System.out.println("Requirements covered: " + report.rows.size() + ", see " + file);
  }

  private void readAll(Path root) throws IOException {
    try (DirectoryStream<Path> modules = Files.newDirectoryStream(root, Files::isDirectory)) {
      for (Path module : modules) {
        Path folder = module.resolve("target").resolve("requirements");
        if (Files.isDirectory(folder)) {
          readFolder(folder);
        }
      }
    }
  }

  private void readFolder(Path folder) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.tsv")) {
      for (Path file : files) {
        for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
          add(line);
        }
      }
    }
  }

  /**
   * Adds one line as {@link RequirementLog} writes it.
   *
   * @throws IllegalArgumentException when the line has another shape
   */
  void add(String line) {
    List<String> columns = List.of(line.split("\t", -1));
    if (columns.size() != 3) {
      throw new IllegalArgumentException("not a line of three columns: " + line);
    }
    Executions executions =
        rows.computeIfAbsent(Integer.valueOf(columns.get(0)), number -> new TreeMap<>())
            .computeIfAbsent(columns.get(1), test -> new Executions());
    if (columns.get(2).equals("PASSED")) {
      executions.passed++;
    } else {
      executions.failed++;
    }
  }

  /** The table: a row per requirement and test. */
  String toMarkdown() {
    List<String> lines = new ArrayList<>();
    lines.add("# Requirements and the tests that were executed for them");
    lines.add("");
    lines.add("| requirement | test | executions | result |");
    lines.add("|---|---|---|---|");
    rows.forEach(
        (number, tests) ->
            tests.forEach(
                (test, e) ->
                    lines.add(
                        "| %d | `%s` | %d | %s |"
                            .formatted(
                                number,
                                test,
                                e.passed + e.failed,
                                e.failed == 0 ? "passed" : "FAILED"))));
    return String.join("\n", lines) + "\n";
  }
}
