package org.ioasis.itest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.ioasis.itest.Program.Result;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Bad input: one clear line and status 2, or the fault that the specification says; never a stack
 * trace, never a hang. In the tables, {@code @name} is a file or folder that {@link #make} damages
 * in that way, {@code %legacy} and {@code %firststage} are captures that ship.
 */
@Execution(ExecutionMode.CONCURRENT)
class BadInputIT {
  @TempDir private Path folder;
  private Program program;

  @BeforeEach
  void open() {
    program = new Program(folder);
  }

  private String[] arguments(String line) throws IOException {
    String[] words = line.trim().split(" +");
    for (int i = 0; i < words.length; i++) {
      if (words[i].startsWith("@")) {
        words[i] = make(words[i].substring(1)).getFileName().toString();
      } else if (words[i].startsWith("%")) {
        words[i] = Captures.argument("vtd-" + words[i].substring(1) + "-dev");
      }
    }
    return words;
  }

  private Path make(String what) throws IOException {
    Path path = folder.resolve(what);
    switch (what) {
      case "nowhere" -> {}
      case "empty" -> Files.createDirectory(path);
      case "truncated-elf", "no-registers", "no-root-table", "no-answers", "foreign-kind" ->
          damage(Captures.copy(Captures.LEGACY, path), what);
      case "truncated-gzip" -> {
        damage(Captures.copy(Captures.LEGACY, path), what);
        byte[] gzip = Files.readAllBytes(Captures.folder(Captures.LEGACY).resolve("memory.elf.gz"));
        Files.write(path.resolve("memory.elf.gz"), Arrays.copyOf(gzip, 5000));
      }
      case "kdump" ->
          Files.write(path, Arrays.copyOf("KDUMP   \6".getBytes(StandardCharsets.US_ASCII), 8192));
      case "text" -> Files.writeString(path, "not JSON\n");
      case "no-iova" -> Files.writeString(path, "{\"sid\":32,\"access\":\"read\"}\n");
      default -> throw new IllegalArgumentException(what);
    }
    return path;
  }

  private static void damage(Path copy, String how) throws IOException {
    Path memory = copy.resolve("memory.elf");
    Path registers = copy.resolve("registers.json");
    ObjectNode object = (ObjectNode) Captures.JSON.readTree(registers.toFile());
    switch (how) {
      case "truncated-elf" -> Files.write(memory, Arrays.copyOf(Files.readAllBytes(memory), 5000));
      case "truncated-gzip" -> Files.delete(memory);
      case "no-registers" -> Files.delete(registers);
      case "no-root-table" -> {
        ArrayNode list = (ArrayNode) object.get("registers");
        for (int i = list.size() - 1; i >= 0; i--) {
          if (list.get(i).get("name").asText().startsWith("RTADDR")) {
            list.remove(i);
          }
        }
        Files.writeString(registers, object.toString());
      }
      case "no-answers" -> {
        Files.delete(copy.resolve("translations.jsonl"));
        Files.delete(copy.resolve("qemu-oracle.jsonl"));
        Files.delete(copy.resolve("interrupts.jsonl"));
      }
      case "foreign-kind" -> Files.writeString(registers, object.put("kind", "pamu").toString());
      default -> throw new IllegalArgumentException(how);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          replay @truncated-elf    | truncated
          replay @truncated-gzip   | the gzip file is truncated
          replay @no-registers     | no registers.json
          replay @no-root-table    | without RTADDR
          replay @empty            | no registers.json
          replay @nowhere          | there is no such folder or file
          replay @foreign-kind     | no bundle here models hardware of kind 'pamu'
          --vendors=none replay %legacy                              | no bundle here models hardware of kind 'vtd'
          explain @kdump --kind vtd --reg RTADDR=0x1000 --reg GSTS=0xc0000000 --device 00:04.0 --iova 0 | convert it to an ELF core
          inspect @kdump                                             | add --kind
          explain %legacy --device 99:99 --iova 0x1000               | '99:99'
          explain %legacy --device 00:04.0 --iova 0x1ffffffffffffffff | at most 64 bits
          explain %legacy --device 00:04.0 --iova zzz                | 'zzz'
          explain %legacy --device 00:04.0 --iova 0 --access q       | 'q'
          explain %legacy --device 00:04.0 --iova 0 --pasid 0x100000 | 0x100000
          explain %legacy --device 00:04.0 --iova 0 --reg NOPE=1     | 'NOPE'
          translate %legacy --requests @text                         | line 1: not JSON
          translate %legacy --requests @no-iova                      | line 1: 'iova' is missing
          translate %legacy --requests @nowhere                      | there is no such file
          vectors @text                                              | line 1: not JSON
          vectors @empty                                             | a file is needed
          explian %legacy                                            | did you mean explain
          """)
  void isOneClearLineAndStatusTwo(String line, String words) throws Exception {
    Result result = program.run(arguments(line));
    assertThat(result.complaints()).hasSize(1);
    assertThat(result.complaints().get(0)).startsWith("ioasis: ").contains(words);
    assertThat(result.complaints().get(0)).doesNotContain("Exception", "org.ioasis", "defect");
    assertThat(result.out()).isEmpty();
    assertThat(result.status()).isEqualTo(2);
  }

  /** What was typed wrong is followed by the line that would be right. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          explain %legacy --device 00:04.0 | '--iova=0xADDR'
          replay                           | 'DIR'
          replay --frobnicate %legacy      | '--frobnicate'
          """)
  void aWrongCommandLineIsAnsweredWithTheUsage(String line, String words) throws Exception {
    Result result = program.run(arguments(line));
    assertThat(result.complaints()).hasSize(2);
    assertThat(result.complaints().get(0)).startsWith("ioasis: ").contains(words);
    assertThat(result.complaints().get(1)).startsWith("usage: ");
    assertThat(result.out()).isEmpty();
    assertThat(result.status()).isEqualTo(2);
  }

  @Test
  void nothingCheckedIsStatusTwo() throws Exception {
    Result result = program.run(arguments("replay @no-answers"));
    assertThat(result.complaints()).hasSize(1);
    assertThat(result.lastLine()).isEqualTo("0 passed, 0 failed");
    assertThat(result.status()).isEqualTo(2);
  }

  /** Fault reasons of VT-d, "Fault Reason Encodings": 4, 2, 80h, 8. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          explain %legacy     --device 00:04.0 --iova 0xffffffffffffffff        | 0x4 (LGN.1)
          explain %legacy     --device 00:04.0 --iova 0x1000000000000           | 0x4 (LGN.1)
          explain %legacy     --device 00:1e.0 --iova 0x1000                    | 0x2 (LCT.2)
          explain %legacy     --device ff:1f.7 --iova 0x1000                    | 0x1 (LRT.2)
          explain %firststage --device 00:04.0 --iova 0xffff7fffffffffff        | 0x80 (SGN.1)
          explain %legacy     --device 00:04.0 --iova 0 --reg RTADDR=0x7ffffffff000 | 0x8 (LRT.1)
          """)
  void hostileRequestsEndInTheSpecifiedFault(String line, String fault) throws Exception {
    Result result = program.run(arguments(line));
    assertThat(result.lastLine()).startsWith("result: fault " + fault + ": ");
    assertThat(result.complaints()).isEmpty();
    assertThat(result.status()).isZero();
  }

  /**
   * SS-PML4E[0] of device 00:04.0 names its own table: each of its four levels is the same page.
   */
  @Test
  void aTableThatPointsAtItselfEndsTheWalkAndTheList() throws Exception {
    Path copy = Captures.copy(Captures.LEGACY, folder.resolve("loop"));
    Captures.poke(copy, 0x1_00f3_7000L, 0x1_00f3_7003L);
    Result explained =
        program.run("explain", copy.toString(), "--device", "00:04.0", "--iova", "0x8");
    assertThat(explained.lines()).hasSize(2 + 4 + 2);
    assertThat(explained.lastLine()).isEqualTo("result: ok pa=0x100f37008 page=0x1000 rights=rw");
    Result listed = program.run("inspect", "--mappings", "--device", "00:04.0", copy.toString());
    assertThat(listed.lines()).hasSize(1);
    assertThat(Captures.JSON.readTree(listed.out()).get("type").asText()).isEqualTo("error");
  }

  /** SS-PML4E[0] of device 00:04.0 names a table where there is no RAM: reason 7. */
  @Test
  void aTableThatIsNowhereEndsTheWalkAndTheList() throws Exception {
    Path copy = Captures.copy(Captures.LEGACY, folder.resolve("nowhere"));
    Captures.poke(copy, 0x1_00f3_7000L, 0x7fff_ffff_f003L);
    Result explained =
        program.run("explain", copy.toString(), "--device", "00:04.0", "--iova", "0x8");
    assertThat(explained.lastLine()).startsWith("result: fault 0x7 (LSL.1): ");
    Result listed = program.run("inspect", "--mappings", "--device", "00:04.0", copy.toString());
    assertThat(listed.lines()).hasSize(1);
    assertThat(Captures.JSON.readTree(listed.out()).get("type").asText()).isEqualTo("error");
  }

  @Test
  void theWholeReplayOfDamagedTablesEnds() throws Exception {
    Path copy = Captures.copy(Captures.LEGACY, folder.resolve("loop"));
    Captures.poke(copy, 0x1_00f3_7000L, 0x1_00f3_7003L);
    Result result = program.run("replay", copy.toString());
    assertThat(result.lastLine()).matches("[0-9]+ passed, [1-9][0-9]* failed");
    assertThat(result.status()).isEqualTo(1);
    assertThat(result.err()).doesNotContain("\tat ");
  }

  @Test
  void theSameArgumentsAreReadTheSameWayFromAnotherFolder() throws Exception {
    Captures.copy(Captures.LEGACY, folder.resolve("relative"));
    Result result =
        program.run("explain", "./relative", "--device", "00:04.0", "--iova", "0xffffcbb4");
    assertThat(List.of(result.lastLine()))
        .containsExactly("result: ok pa=0x1091ccbb4 page=0x1000 rights=rw");
  }
}
