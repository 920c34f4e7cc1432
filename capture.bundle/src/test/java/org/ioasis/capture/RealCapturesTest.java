package org.ioasis.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.GZIPInputStream;
import org.ioasis.api.IoasisException;
import org.ioasis.capture.command.Console;
import org.ioasis.capture.command.ExplainCommand;
import org.ioasis.capture.command.ExportCommand;
import org.ioasis.capture.command.InspectCommand;
import org.ioasis.capture.command.ReplayCommand;
import org.ioasis.capture.command.TranslateCommand;
import org.ioasis.capture.command.VectorsCommand;
import org.ioasis.capture.command.Workbench;
import org.ioasis.capture.file.JsonLines;
import org.ioasis.capture.file.MemoryFiles;
import org.ioasis.capture.file.MemoryImage;
import org.ioasis.capture.file.Segment;
import org.ioasis.capture.replay.Laboratory;
import org.ioasis.machine.DefaultMachineFactory;
import org.ioasis.vtd.hardware.VtdFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The whole line on what a real kernel wrote: files, a private machine, the VT-d model, scoring.
 * Numbers of rows are those of the captures, counted once with other tools.
 */
class RealCapturesTest {
  private static final Path CNF = Path.of("../cnf").toAbsolutePath().normalize();
  private static final Path CAPTURES = CNF.resolve("captures");

  private final Laboratory laboratory =
      new Workbench(new DefaultMachineFactory(), List.of(new VtdFactory()));

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "vtd-legacy-dev, 211, 3214, 2870, 555",
    "vtd-scalable-dev, 211, 3031, 2805, 437",
    "vtd-firststage-dev, 208, 3048, 2827, 429"
  })
  void everyRecordedAnswerAgrees(String name, int translations, int oracle, int ok, int fault) {
    Console console = new Console(CAPTURES);
    int status = console.run(new ReplayCommand(laboratory), name);
    assertThat(console.text())
        .isEqualTo(
            "fault: %d\ninterrupt: 18\nok: %d\n%d passed, 0 failed\n"
                .formatted(fault, ok, translations + oracle + 18));
    assertThat(status).isZero();
  }

  @ParameterizedTest
  @CsvSource({"vtd-legacy-dev", "vtd-scalable-dev", "vtd-firststage-dev"})
  void theCommandStreamEndsWhereTheKernelLeftIt(String name) {
    Console console = new Console(CAPTURES);
    int status = console.run(new ReplayCommand(laboratory), name, "--commands", "--json");
    ObjectNode json = console.json();
    assertThat(json.get("mismatches")).isEmpty();
    assertThat(json.at("/classes/commands").intValue()).isEqualTo(7);
    assertThat(status).isZero();
  }

  @ParameterizedTest
  @CsvSource({"vtd-legacy-dev, 14626", "vtd-scalable-dev, 14481", "vtd-firststage-dev, 14606"})
  void inspectFindsTheRecordedMappings(String name, int rows) throws IOException {
    Console console = new Console(CAPTURES);
    assertThat(console.run(new InspectCommand(laboratory), name, "--mappings")).isZero();
    Set<String> ours = sorted(console.lines());
    Set<String> recorded = new TreeSet<>();
    try (JsonLines lines = JsonLines.open(CAPTURES.resolve(name).resolve("mappings.jsonl.gz"))) {
      for (ObjectNode row = lines.next(); row != null; row = lines.next()) {
        recorded.add(canonical(row));
      }
    }
    assertThat(recorded).hasSize(rows);
    assertThat(console.lines()).hasSize(rows);
    assertThat(ours).isEqualTo(recorded);
  }

  private static Set<String> sorted(List<String> lines) {
    Set<String> set = new TreeSet<>();
    for (String line : lines) {
      byte[] bytes = line.getBytes(java.nio.charset.StandardCharsets.UTF_8);
      set.add(canonical(org.ioasis.capture.file.Json.parse(bytes, bytes.length, "ours", "")));
    }
    return set;
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
    int status = console.run(new VectorsCommand(laboratory), "vectors/vtd-dev.jsonl.gz", "--json");
    ObjectNode json = console.json();
    assertThat(json.get("mismatches")).isEmpty();
    assertThat(json.get("passed").intValue()).isEqualTo(3882);
    assertThat(json.get("failed").intValue()).isZero();
    assertThat(json.get("setApart").intValue()).isEqualTo(85);
    assertThat(status).isZero();
  }

  @Test
  void answeredVectorsAgreeWithThemselves() throws IOException {
    Console console = new Console(CNF);
    assertThat(console.run(new VectorsCommand(laboratory), "--answer", "vectors/vtd-dev.jsonl.gz"))
        .isZero();
    assertThat(console.lines()).hasSize(2000);
    Path answers = Files.writeString(folder.resolve("answers.jsonl"), console.text());
    Console again = new Console(CNF);
    assertThat(again.run(new VectorsCommand(laboratory), answers.toString())).isZero();
    assertThat(again.lastLine()).isEqualTo("3882 passed, 0 failed, 85 set apart");
  }

  @Test
  void explainTellsATranslationAndAFault() {
    Console console = new Console(CAPTURES);
    String[] request = {"vtd-legacy-dev", "--device", "00:04.0", "--iova", "0xffffda84"};
    assertThat(console.run(new ExplainCommand(laboratory), request)).isZero();
    assertThat(console.lines().get(0)).startsWith("1. ").contains(" @0x100f2d000 = 0x");
    assertThat(console.lines()).filteredOn(line -> line.matches("\\d+\\. .*")).hasSize(6);
    assertThat(console.lines()).filteredOn(line -> line.startsWith("check: ")).hasSize(1);
    assertThat(console.lastLine()).isEqualTo("result: ok pa=0x1091d2a84 page=0x1000 rights=rw");

    Console fault = new Console(CAPTURES);
    String[] wrong = {
      "vtd-legacy-dev", "--device", "0x20", "--iova", "0x192e8cfb1a8c", "--access", "w"
    };
    assertThat(fault.run(new ExplainCommand(laboratory), wrong)).isZero();
    assertThat(fault.lastLine()).startsWith("result: fault 0x5 (LGN.2): ");
  }

  @Test
  void anExportAnswersWhatItsSourceAnswers() throws IOException {
    Console console = new Console(folder);
    String source = CAPTURES.resolve("vtd-scalable-dev").toString();
    assertThat(console.run(new ExportCommand(laboratory), source, "copy")).isZero();
    for (String file : List.of("translations.jsonl.gz", "qemu-oracle.jsonl.gz")) {
      Files.copy(Path.of(source, file), folder.resolve("copy").resolve(file));
    }
    Console again = new Console(folder);
    assertThat(again.run(new ReplayCommand(laboratory), "copy")).isZero();
    assertThat(again.lastLine()).isEqualTo("3242 passed, 0 failed");
    Console mappings = new Console(folder);
    assertThat(mappings.run(new InspectCommand(laboratory), "copy", "--mappings")).isZero();
    assertThat(mappings.lines()).hasSize(14481);
  }

  @Test
  void aSparseDumpOfSevenGigabytesAnswersFast() throws IOException {
    Path dump = folder.resolve("guest.raw");
    try (MemoryImage image =
            MemoryFiles.openElf(CAPTURES.resolve("vtd-legacy-dev/memory.elf.gz"), 1 << 24);
        FileChannel out =
            FileChannel.open(dump, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      for (Segment segment : image.segments()) {
        ByteBuffer bytes = ByteBuffer.allocate((int) segment.memoryBytes());
        image.fill(segment.address(), bytes);
        out.write(bytes.clear(), segment.address());
      }
    }
    try (RandomAccessFile grow = new RandomAccessFile(dump.toFile(), "rw")) {
      grow.setLength(0x1_c000_0000L);
    }
    Path requests =
        Files.writeString(
            folder.resolve("requests.jsonl"),
            "{\"sid\":32,\"iova\":\"0xffffda84\",\"access\":\"write\"}\n");
    long start = System.nanoTime();
    Console console = new Console(folder);
    int status =
        console.run(
            new TranslateCommand(laboratory),
            dump.toString(),
            "--kind=vtd",
            "--reg=RTADDR=0x100f2d000",
            "--reg=GSTS=0xc7000000",
            "--requests",
            requests.toString());
    assertThat(console.lines())
        .containsExactly(
            "{\"sid\":32,\"iova\":\"0xffffda84\",\"access\":\"write\",\"pa\":\"0x1091d2a84\"}");
    assertThat(status).isZero();
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
  }

  @Test
  void missingRegistersAndTablesIntoNothingAreClear() throws IOException {
    Path core = folder.resolve("core");
    try (InputStream in =
            new GZIPInputStream(
                Files.newInputStream(CAPTURES.resolve("vtd-legacy-dev/memory.elf.gz")));
        OutputStream out = Files.newOutputStream(core)) {
      in.transferTo(out);
    }
    Console console = new Console(folder);
    assertThatThrownBy(
            () ->
                console.run(
                    new ExplainCommand(laboratory),
                    "core",
                    "--kind=vtd",
                    "--reg=GSTS=0xc0000000",
                    "--device=00:04.0",
                    "--iova=0x0"))
        .isInstanceOf(IoasisException.class)
        .hasMessageContaining("RTADDR");
    int status =
        console.run(
            new ExplainCommand(laboratory),
            "core",
            "--kind=vtd",
            "--reg=RTADDR=0x7f00000000000",
            "--reg=GSTS=0xc0000000",
            "--device=00:04.0",
            "--iova=0xffffffffffffffff");
    assertThat(status).isZero();
    assertThat(console.lastLine()).startsWith("result: fault 0x8 ");
  }

  @Test
  void aRequesterIdHasSixteenBits() {
    Console console = new Console(CAPTURES);
    assertThatThrownBy(
            () ->
                console.run(
                    new ExplainCommand(laboratory),
                    "vtd-legacy-dev",
                    "--device=0001:00:04.0",
                    "--iova=0xffffda84"))
        .isInstanceOf(IoasisException.class)
        .hasMessageContaining("have 16 bits");
    int status =
        console.run(
            new ExplainCommand(laboratory),
            "vtd-legacy-dev",
            "--device=0000:00:04.0",
            "--iova=0xffffda84");
    assertThat(status).isZero();
  }
}
