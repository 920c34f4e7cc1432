package org.ioasis.capture;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.ioasis.amdvi.hardware.AmdviFactory;
import org.ioasis.capture.command.Console;
import org.ioasis.capture.command.ExplainCommand;
import org.ioasis.capture.command.InspectCommand;
import org.ioasis.capture.command.ReplayCommand;
import org.ioasis.capture.command.VectorsCommand;
import org.ioasis.capture.command.Workbench;
import org.ioasis.capture.file.Json;
import org.ioasis.capture.file.JsonLines;
import org.ioasis.capture.replay.Laboratory;
import org.ioasis.machine.DefaultMachineFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The whole line on what a real kernel wrote for an AMD-Vi unit: files, a private machine, the
 * model, scoring. Numbers of rows are those of the captures, counted once with other tools.
 */
class AmdviCapturesTest {
  private static final Path CNF = Path.of("../cnf").toAbsolutePath().normalize();
  private static final Path CAPTURES = CNF.resolve("captures");

  private final Laboratory laboratory =
      new Workbench(new DefaultMachineFactory(), List.of(new AmdviFactory()));

  @ParameterizedTest
  @CsvSource({"amdvi-dev, 6359, 5110, 11180, 289"})
  void everyRecordedAnswerAgrees(String name, int translations, int oracle, int ok, int fault) {
    Console console = new Console(CAPTURES);
    int status = console.run(new ReplayCommand(laboratory), name);
    assertThat(console.text())
        .isEqualTo(
            "fault: %d\nok: %d\n%d passed, 0 failed\n".formatted(fault, ok, translations + oracle));
    assertThat(status).isZero();
  }

  @ParameterizedTest
  @CsvSource({"amdvi-dev, 1766"})
  void inspectFindsTheRecordedMappings(String name, int rows) throws IOException {
    Console console = new Console(CAPTURES);
    assertThat(console.run(new InspectCommand(laboratory), name, "--mappings")).isZero();
    TreeSet<String> ours = new TreeSet<>();
    for (String line : console.lines()) {
      byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
      ours.add(canonical(Json.parse(bytes, bytes.length, "ours", "")));
    }
    TreeSet<String> recorded = new TreeSet<>();
    try (JsonLines lines = JsonLines.open(CAPTURES.resolve(name).resolve("mappings.jsonl.gz"))) {
      for (ObjectNode row = lines.next(); row != null; row = lines.next()) {
        recorded.add(canonical(row));
      }
    }
    assertThat(recorded).hasSize(rows);
    assertThat(ours).isEqualTo(recorded);
  }

  private static String canonical(ObjectNode row) {
    List<String> cells = new ArrayList<>();
    row.properties().forEach(cell -> cells.add(cell.getKey() + "=" + cell.getValue()));
    cells.sort(null);
    return String.join(" ", cells);
  }

  @Test
  void theVectorsAgree() {
    Console console = new Console(CNF);
    int status =
        console.run(new VectorsCommand(laboratory), "vectors/amdvi-dev.jsonl.gz", "--json");
    ObjectNode json = console.json();
    assertThat(json.get("mismatches")).isEmpty();
    assertThat(json.get("failed").intValue()).isZero();
    assertThat(json.get("passed").intValue()).isEqualTo(7657);
    assertThat(json.get("setApart").intValue()).isEqualTo(385);
    assertThat(status).isZero();
  }

  @Test
  void explainTellsATranslation() {
    Console console = new Console(CAPTURES);
    String[] request = {"amdvi-dev", "--device", "00:04.0", "--iova", "0xffffd234"};
    assertThat(console.run(new ExplainCommand(laboratory), request)).isZero();
    assertThat(console.lines()).filteredOn(line -> line.matches("\\d+\\. .*")).hasSize(4);
    assertThat(console.lastLine()).isEqualTo("result: ok pa=0x140911234 page=0x2000 rights=rwx");
  }
}
