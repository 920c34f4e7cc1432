package org.ioasis.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The table made of what tests recorded. */
class RequirementsReportTest {

  @Test
  void countsExecutionsAndNamesFailures(@TempDir Path root) throws Exception {
    Path one = Files.createDirectories(root.resolve("one/target/requirements"));
    Path two = Files.createDirectories(root.resolve("two/target/requirements"));
    Files.createDirectories(root.resolve("three"));
    Files.writeString(one.resolve("surefire.tsv"), "12\ta.B#c\tPASSED\n12\ta.B#c\tPASSED\n");
    Files.writeString(two.resolve("failsafe.tsv"), "2\td.E#f\tPASSED\n2\td.E#f\tFAILED\n");
    RequirementsReport.main(new String[] {root.toString()});
    assertThat(Files.readAllLines(root.resolve("target/requirements.md")))
        .containsExactly(
            "# Requirements and the tests that were executed for them",
            "",
            "| requirement | test | executions | result |",
            "|---|---|---|---|",
            "| 2 | `d.E#f` | 2 | FAILED |",
            "| 12 | `a.B#c` | 2 | passed |");
  }

  @Test
  void refusesALineOfAnotherShape() {
    assertThatThrownBy(() -> new RequirementsReport().add("12 a.B#c PASSED"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("not a line of three columns: 12 a.B#c PASSED");
  }
}
