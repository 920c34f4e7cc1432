package org.ioasis.itest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.regex.Pattern;
import org.ioasis.itest.Program.Result;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The main job as people see it: the program answers, for structures that a real kernel wrote, what
 * an independent model answered. All totals were counted in the files, not by the program.
 */
@Execution(ExecutionMode.CONCURRENT)
class ReplayIT {
  private static final String VECTORS = "vectors/vtd-dev.jsonl.gz";

  @TempDir private Path folder;
  private Program program;

  @BeforeEach
  void open() {
    program = new Program(folder);
  }

  /** Rows of translations, qemu-oracle and interrupts: 211+3214+18, 211+3031+18, 208+3048+18. */
  @ParameterizedTest
  @CsvSource({
    "vtd-legacy-dev,     2870, 555, 3443",
    "vtd-scalable-dev,   2805, 437, 3260",
    "vtd-firststage-dev, 2827, 429, 3274"
  })
  void everyRecordedAnswerAgrees(String name, int ok, int fault, int all) throws Exception {
    Result result = program.run("replay", Captures.argument(name));
    assertThat(result.lines())
        .containsExactly(
            "fault: " + fault, "interrupt: 18", "ok: " + ok, all + " passed, 0 failed");
    assertThat(result.status()).isZero();
    assertThat(result.complaints()).isEmpty();
  }

  /** 6359 rows of translations, 5110 of qemu-oracle; the latter did not look at rights. */
  @Test
  void everyRecordedAnswerOfAmdViAgrees() throws Exception {
    Result result = program.run("replay", Captures.argument("amdvi-dev"));
    assertThat(result.lines()).containsExactly("fault: 289", "ok: 11180", "11469 passed, 0 failed");
    assertThat(result.status()).isZero();
    assertThat(result.complaints()).isEmpty();
  }

  /** Rows of translations and qemu-oracle: 1072+3263, 1081+5166. */
  @ParameterizedTest
  @CsvSource({"smmuv3-s1-dev, 3830, 505, 4335", "smmuv3-s2-dev, 4011, 2236, 6247"})
  void everyRecordedAnswerOfAnSmmuAgrees(String name, int ok, int fault, int all) throws Exception {
    Result result = program.run("replay", Captures.argument(name));
    assertThat(result.lines())
        .containsExactly("fault: " + fault, "ok: " + ok, all + " passed, 0 failed");
    assertThat(result.status()).isZero();
    assertThat(result.complaints()).isEmpty();
  }

  /** Eight things are compared at the end of the commands of each. */
  @Test
  void commandsOfAnSmmuEndWhereTheKernelLeftThem() throws Exception {
    Result result =
        program.run(
            "replay",
            "--commands",
            Captures.argument("smmuv3-s1-dev"),
            Captures.argument("smmuv3-s2-dev"));
    assertThat(result.lastLine()).isEqualTo((4335 + 6247 + 2 * 8) + " passed, 0 failed");
    assertThat(result.status()).isZero();
  }

  @Test
  void vectorsOfAnSmmuAgree() throws Exception {
    String file = Distribution.home().resolve("vectors/smmuv3-dev.jsonl.gz").toString();
    Result result = program.run("vectors", file);
    assertThat(result.lastLine()).isEqualTo("5749 passed, 0 failed, 260 set apart");
    assertThat(result.status()).isZero();
  }

  @Test
  void theLastLineCountsOverAllCapturesAndTheirCommands() throws Exception {
    Result result =
        program.run(
            "replay",
            "--json",
            "--commands",
            Captures.argument("vtd-legacy-dev"),
            Captures.argument("vtd-scalable-dev"),
            Captures.argument("vtd-firststage-dev"));
    JsonNode object = Captures.JSON.readTree(result.out());
    // Seven things are compared at the end of each capture's commands.
    assertThat(object.get("passed").asInt()).isEqualTo(3443 + 3260 + 3274 + 3 * 7);
    assertThat(object.get("failed").asInt()).isZero();
    assertThat(object.get("setApart").asInt()).isZero();
    assertThat(object.get("classes").get("ok").asInt()).isEqualTo(8502);
    assertThat(object.get("classes").get("fault").asInt()).isEqualTo(1421);
    assertThat(object.get("mismatches")).isEmpty();
    assertThat(object).hasSize(5);
    assertThat(result.status()).isZero();
  }

  @Test
  void aWrongAnswerIsShownBesideOurs() throws Exception {
    Path copy = Captures.copy(Captures.LEGACY, folder.resolve("damaged"));
    Path file = copy.resolve("qemu-oracle.jsonl");
    List<String> rows = Files.readAllLines(file);
    ObjectNode row = (ObjectNode) Captures.JSON.readTree(rows.get(0));
    assertThat(row.put("pa", "0xbad000").get("iova").asText()).isEqualTo("0xffffda84");
    rows.set(0, row.toString());
    Files.write(file, rows);
    Result result = program.run("replay", copy.toString());
    assertThat(result.lastLine()).isEqualTo("3442 passed, 1 failed");
    assertThat(result.out()).contains("0xbad000").contains("0x1091d2a84").contains("0xffffda84");
    assertThat(result.status()).isEqualTo(1);
  }

  /** Rows of the files of mappings, which hold each one once. */
  @ParameterizedTest
  @CsvSource({
    "vtd-legacy-dev,     14626",
    "vtd-scalable-dev,   14481",
    "vtd-firststage-dev, 14606",
    "amdvi-dev,          1766",
    "smmuv3-s1-dev,      2320",
    "smmuv3-s2-dev,      2289"
  })
  void mappingsEqualTheRecordedOnesAsASet(String name, int count) throws Exception {
    Result result = program.run("inspect", "--mappings", Captures.argument(name));
    List<JsonNode> ours = new ArrayList<>();
    for (String line : result.lines()) {
      ours.add(Captures.JSON.readTree(line));
    }
    List<JsonNode> recorded = Captures.rows(Captures.folder(name).resolve("mappings.jsonl.gz"));
    assertThat(recorded).hasSize(count);
    assertThat(ours).hasSize(count);
    assertThat(new HashSet<>(ours).equals(new HashSet<>(recorded))).isTrue();
    assertThat(result.status()).isZero();
  }

  @Test
  void mappingsOfOneDeviceAreThoseRecordedForIt() throws Exception {
    Result result =
        program.run(
            "inspect", "--mappings", "--device", "00:10.0", Captures.argument(Captures.LEGACY));
    HashSet<JsonNode> ours = new HashSet<>();
    for (String line : result.lines()) {
      ours.add(Captures.JSON.readTree(line));
    }
    HashSet<JsonNode> recorded = new HashSet<>();
    for (JsonNode row :
        Captures.rows(Captures.folder(Captures.LEGACY).resolve("mappings.jsonl.gz"))) {
      if (row.get("rid").asText().equals("00:10.0")) {
        recorded.add(row);
      }
    }
    assertThat(recorded).isNotEmpty();
    assertThat(ours.equals(recorded)).isTrue();
  }

  @Test
  void vectorsAgree() throws Exception {
    String file = Distribution.home().resolve(VECTORS).toString();
    Result result = program.run("vectors", file);
    assertThat(result.lines())
        .containsExactly(
            "blocked: 61", "fault: 2161", "ok: 1660", "3882 passed, 0 failed, 85 set apart");
    assertThat(result.status()).isZero();
  }

  /** Of 385 set apart 331 deviate, and the others follow one that does: STATUS keeps a trace. */
  @Test
  void vectorsOfAmdViAgree() throws Exception {
    String file = Distribution.home().resolve("vectors/amdvi-dev.jsonl.gz").toString();
    Result result = program.run("vectors", file);
    assertThat(result.lines())
        .containsExactly(
            "blocked: 2",
            "fault: 1648",
            "mem_r: 2000",
            "mmio_r: 2000",
            "ok: 2007",
            "7657 passed, 0 failed, 385 set apart");
    assertThat(result.status()).isZero();
  }

  @Test
  void vectorsWithoutAnswersGetOurs() throws Exception {
    List<JsonNode> all = Captures.rows(Distribution.home().resolve(VECTORS));
    List<JsonNode> recorded = new ArrayList<>();
    List<String> questions = new ArrayList<>();
    for (JsonNode vector : all.subList(0, 100)) {
      if (vector.get("dev").isEmpty()) {
        recorded.add(vector);
        ObjectNode question = vector.deepCopy();
        question.get("steps").forEach(step -> ((ObjectNode) step).remove("out"));
        questions.add(question.toString());
      }
    }
    Path file = Files.write(folder.resolve("questions.jsonl"), questions);
    Result result = program.run("vectors", "--answer", file.toString());
    assertThat(result.status()).isZero();
    assertThat(result.lines()).hasSameSizeAs(recorded);
    for (int i = 0; i < recorded.size(); i++) {
      assertSameOutcomes(Captures.JSON.readTree(result.lines().get(i)), recorded.get(i));
    }
  }

  private static void assertSameOutcomes(JsonNode ours, JsonNode recorded) {
    assertThat(ours.get("id")).isEqualTo(recorded.get("id"));
    assertThat(ours.get("mem")).isEqualTo(recorded.get("mem"));
    for (int step = 0; step < recorded.get("steps").size(); step++) {
      JsonNode theirs = recorded.get("steps").get(step).path("out");
      JsonNode out = ours.get("steps").get(step).path("out");
      String place = recorded.get("id").asText() + " step " + step;
      for (String key : List.of("class", "pa", "reason", "frcd")) {
        if (theirs.has(key) || !theirs.isObject()) {
          assertThat(out.path(key)).as("%s %s", place, key).isEqualTo(theirs.path(key));
        }
      }
    }
  }

  @Test
  void requestsAreAnsweredInOrder() throws Exception {
    Path requests =
        Files.writeString(
            folder.resolve("requests.jsonl"),
            """
            {"sid":32,"iova":"0xffffcbb4","access":"read"}
            {"sid":32,"iova":"0xdeadbeef000","access":"write"}
            {"sid":240,"iova":"0x1000","access":"read"}
            {"sid":32,"iova":"0xffffda84","access":"write"}
            """);
    Path bare = Files.createDirectory(folder.resolve("bare"));
    for (String file : List.of("registers.json", "memory.elf.gz")) {
      Files.copy(Captures.folder(Captures.LEGACY).resolve(file), bare.resolve(file));
    }
    Result result = program.run("translate", "bare", "--requests", requests.toString());
    assertThat(result.out())
        .isEqualTo(
            """
            {"sid":32,"iova":"0xffffcbb4","access":"read","pa":"0x1091ccbb4"}
            {"sid":32,"iova":"0xdeadbeef000","access":"write","fault":5,"name":"LGN.2"}
            {"sid":240,"iova":"0x1000","access":"read","fault":2,"name":"LCT.2"}
            {"sid":32,"iova":"0xffffda84","access":"write","pa":"0x1091d2a84"}
            """);
    assertThat(result.status()).isZero();
    assertThat(result.complaints()).isEmpty();
  }

  private static final Pattern STEP =
      Pattern.compile(
          "[0-9]+\\. \\S+ @0x[0-9a-f]+ = 0x[0-9a-f]+( 0x[0-9a-f]+)*(  \\S+=\\S+( \\S+=\\S+)*)?");

  private Result explain(Path capture, String... more) throws IOException, InterruptedException {
    List<String> arguments = new ArrayList<>(List.of("explain", capture.toString()));
    arguments.addAll(List.of(more));
    Result result = program.run(arguments.toArray(String[]::new));
    assertThat(result.status()).as(result.err()).isZero();
    assertThat(result.complaints()).isEmpty();
    List<String> lines = result.lines();
    int last = lines.size() - 1;
    assertThat(lines.subList(0, last - 1)).allMatch(line -> STEP.matcher(line).matches());
    for (int step = 0; step < last - 1; step++) {
      assertThat(lines.get(step)).startsWith((step + 1) + ". ");
    }
    assertThat(lines.get(last - 1)).startsWith("check: ");
    return result;
  }

  @Test
  void aTranslationIsExplained() throws Exception {
    Result result =
        explain(Captures.folder(Captures.LEGACY), "--device", "00:04.0", "--iova", "0xffffcbb4");
    assertThat(result.lastLine()).isEqualTo("result: ok pa=0x1091ccbb4 page=0x1000 rights=rw");
    assertThat(result.lines()).hasSize(8);
    assertThat(result.lines().get(5))
        .startsWith("6. SS-PTE[0x1fc] @0x1091cdfe0 = 0x1091cc003  R=1 W=1 ");
  }

  @Test
  void aFaultIsExplained() throws Exception {
    Result result =
        explain(
            Captures.folder(Captures.FIRST_STAGE),
            "--device",
            "0000:00:10.0",
            "--iova",
            "0x10409190",
            "--access",
            "w");
    assertThat(result.lastLine()).matches("result: fault 0x85 \\(SGN\\.6\\): \\S.*");
    assertThat(result.lines()).hasSize(10);
  }

  /** Fault processing disabled in a context entry that is not present: nothing is recorded. */
  @Test
  void aBlockedRequestIsExplained() throws Exception {
    Path copy = Captures.copy(Captures.LEGACY, folder.resolve("disabled"));
    Captures.poke(copy, 0x1_00f3_4f00L, 2);
    Result result = explain(copy, "--device", "0xf0", "--iova", "0x1000");
    assertThat(result.lastLine()).matches("result: blocked: \\S.*");
  }

  @Test
  void anExplanationAsJsonHasTheSameFields() throws Exception {
    Result result =
        program.run(
            "explain",
            "--json",
            Captures.argument(Captures.LEGACY),
            "--device=00:04.0",
            "--iova=0xffffcbb4");
    JsonNode object = Captures.JSON.readTree(result.out());
    assertThat(object.get("steps")).hasSize(6);
    assertThat(object.get("steps").get(5).get("raw").get(0).asText()).isEqualTo("0x1091cc003");
    assertThat(object.get("check").asText()).isNotBlank();
    assertThat(object.get("result").get("pa").asText()).isEqualTo("0x1091ccbb4");
  }
}
