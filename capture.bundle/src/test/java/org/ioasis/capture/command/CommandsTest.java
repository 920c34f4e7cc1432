package org.ioasis.capture.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.capture.replay.Laboratory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class CommandsTest {
  @TempDir Path folder;

  private final Laboratory laboratory = ToyCapture.laboratory();
  private Console console;

  @BeforeEach
  void capture() throws IOException {
    ToyCapture.write(folder.resolve("toy"));
    console = new Console(folder);
  }

  private void file(String name, String content) throws IOException {
    Files.writeString(folder.resolve(name), content);
  }

  private static void refused(ThrowingCallable call, Reason reason, String... parts) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            IoasisException.class,
            e -> {
              assertThat(e.getMessage()).contains(parts).doesNotContain("\n");
              assertThat(e.reason()).isEqualTo(reason);
            });
  }

  private int replay(String... arguments) {
    return console.run(new ReplayCommand(laboratory), arguments);
  }

  private int translate(String... arguments) {
    return console.run(new TranslateCommand(laboratory), arguments);
  }

  private int inspect(String... arguments) {
    return console.run(new InspectCommand(laboratory), arguments);
  }

  private int explain(String... arguments) {
    return console.run(new ExplainCommand(laboratory), arguments);
  }

  private static final String ANSWERS =
      """
      {"sid":3,"rid":"00:00.3","access":"unknown","iova":"0x1004","pa":"0x8004"}
      {"sid":3,"access":"write","iova":"0x1004","fault":2}
      {"sid":3,"access":"unknown","iova":"0x3000","fault":2}
      {"sid":5,"access":"unknown","iova":"0x2000","pa":"0x9000"}
      {"sid":9,"access":"read","iova":"0x0","fault":1}
      """;

  @Test
  void replayCountsWhatAgrees() throws IOException {
    file("toy/translations.jsonl", ANSWERS);
    file(
        "toy/qemu-oracle.jsonl",
        "{\"sid\":3,\"access\":\"read\",\"iova\":\"0x8\",\"pa\":\"0x7008\"}");
    assertThat(replay("toy")).isZero();
    assertThat(console.text()).isEqualTo("fault: 3\nok: 3\n6 passed, 0 failed\n");
  }

  @Test
  void replayShowsBothAnswersOfEveryMismatch() throws IOException {
    file(
        "toy/translations.jsonl",
        """
        {"sid":3,"access":"read","iova":"0x8","pa":"0x7008","line":7}
        {"sid":3,"access":"unknown","iova":"0x1000","fault":2}
        {"sid":3,"access":"read","iova":"0x8","pa":"0x6008"}
        {"sid":5,"access":"read","iova":"0x2000"}
        """);
    assertThat(replay("toy")).isEqualTo(1);
    String file = folder.resolve("toy/translations.jsonl").toString();
    assertThat(console.lines())
        .containsExactly(
            file
                + ": line 2: read or write sid 0x3 iova 0x1000: recorded {\"fault\":2}, ours"
                + " {\"read\":{\"pa\":\"0x8000\"},\"write\":{\"fault\":2,\"name\":\"TOY.2\"}}",
            file
                + ": line 3: read sid 0x3 iova 0x8: recorded {\"pa\":\"0x6008\"}, ours"
                + " {\"pa\":\"0x7008\"}",
            file
                + ": line 4: read sid 0x5 iova 0x2000: recorded {}, ours"
                + " {\"fault\":2,\"name\":\"TOY.2\"}",
            "fault: 1",
            "ok: 2",
            "unanswered: 1",
            "1 passed, 3 failed");
  }

  @Test
  void replayOverSeveralFoldersGivesOneJsonObject() throws IOException {
    ToyCapture.write(folder.resolve("other"));
    file("toy/translations.jsonl", ANSWERS);
    file(
        "other/qemu-oracle.jsonl",
        "{\"sid\":3,\"access\":\"read\",\"iova\":\"0x8\",\"pa\":\"0x1\"}");
    assertThat(replay("--json", "toy", "other")).isEqualTo(1);
    ObjectNode json = console.json();
    assertThat(json.get("passed").intValue()).isEqualTo(5);
    assertThat(json.get("failed").intValue()).isEqualTo(1);
    assertThat(json.get("setApart").intValue()).isZero();
    assertThat(json.get("classes").toString()).isEqualTo("{\"fault\":3,\"ok\":3}");
    assertThat(json.get("mismatches")).hasSize(1);
    assertThat(json.at("/mismatches/0/ours/pa").textValue()).isEqualTo("0x7008");
    assertThat(json.at("/mismatches/0/recorded/pa").textValue()).isEqualTo("0x1");
  }

  @Test
  void replayOfNothingIsStatusTwo() {
    assertThat(replay("toy")).isEqualTo(2);
    assertThat(console.lastLine()).isEqualTo("0 passed, 0 failed");
    assertThat(console.errors()).contains("nothing was checked");
  }

  @Test
  void requestsLeaveNoTraceForEachOther() throws IOException {
    file(
        "toy/translations.jsonl",
        "{\"sid\":3,\"access\":\"read\",\"iova\":\"0x8\",\"pa\":\"0x7008\"}\n".repeat(3));
    assertThat(replay("toy")).isZero();
    assertThat(inspect("toy", "--mappings")).isZero();
    assertThat(console.lines())
        .contains(
            "{\"sid\":3,\"pasid\":null,\"type\":\"map\",\"iova\":\"0x0\",\"pa\":\"0x7000\","
                + "\"write\":true}");
  }

  @Test
  void commandsAreReplayedAfterTheRows() throws IOException {
    file("toy/translations.jsonl", ANSWERS);
    file(
        "toy/commands.jsonl",
        "{\"ev\":\"regwrite\",\"offset\":\"0x8\",\"size\":8,\"value\":\"0x1000\"}");
    assertThat(replay("toy", "--commands")).isZero();
    assertThat(console.lastLine()).isEqualTo("6 passed, 0 failed");
    file("toy/commands.jsonl", "{\"ev\":\"x\",\"offset\":\"0x8\",\"size\":8,\"value\":\"0x5\"}");
    assertThat(replay("toy", "--commands")).isEqualTo(1);
    assertThat(console.text()).contains("at the end: ROOT: recorded \"0x1000\", ours \"0x5\"");
  }

  @Test
  void missingCommandsAreNamed() throws IOException {
    file("toy/translations.jsonl", ANSWERS);
    refused(() -> replay("toy", "--commands"), Reason.NOT_FOUND, "no commands.jsonl(.gz) in it");
  }

  @Test
  void aBrokenRowIsNamedWithItsLine() throws IOException {
    file("toy/translations.jsonl", ANSWERS + "{\"sid\":3,\"iova\":\"0x0\"}\n");
    refused(() -> replay("toy"), Reason.MALFORMED, "line 6", "'access' is missing");
    file("toy/translations.jsonl", "{\"sid\":3,\"access\":\"read\",\"iova\":\"zz\"}");
    refused(() -> replay("toy"), Reason.MALFORMED, "line 1", "'iova' is \"zz\"");
    file("toy/translations.jsonl", "{\"sid\":4294967296,\"access\":\"read\",\"iova\":\"0x0\"}");
    refused(() -> replay("toy"), Reason.MALFORMED, "source id 0x100000000 is not");
  }

  @Test
  void aModelThatThrowsIsNamedAndNothingMovesOn() throws IOException {
    file(
        "toy/translations.jsonl",
        "{\"sid\":3,\"access\":\"read\",\"iova\":\"0xbad\",\"pa\":\"0x0\"}");
    refused(() -> replay("toy"), Reason.HARDWARE, "defect of the model");
  }

  @Test
  void translateAnswersLineByLine() throws IOException {
    file(
        "requests.jsonl",
        """
        {"sid":3,"iova":"0x8","access":"write","note":"kept"}
        {"sid":3,"iova":"0x1008","access":"write","pasid":null,"pa":"0xdead"}
        {"sid":"00:00.5","iova":"0x2abc","access":"unknown"}
        {"sid":9,"iova":"0xffffffffffffffff","access":"read","pasid":7}
        """);
    assertThat(translate("toy", "--requests", "requests.jsonl")).isZero();
    assertThat(console.lines())
        .containsExactly(
            "{\"sid\":3,\"iova\":\"0x8\",\"access\":\"write\",\"note\":\"kept\",\"pa\":\"0x7008\"}",
            "{\"sid\":3,\"iova\":\"0x1008\",\"access\":\"write\",\"pasid\":null,\"fault\":2,"
                + "\"name\":\"TOY.2\"}",
            "{\"sid\":\"00:00.5\",\"iova\":\"0x2abc\",\"access\":\"unknown\",\"pa\":\"0x9abc\"}",
            "{\"sid\":9,\"iova\":\"0xffffffffffffffff\",\"access\":\"read\",\"pasid\":7,"
                + "\"fault\":3,\"name\":\"TOY.3\"}");
  }

  @Test
  void translateSaysBlockedWhereNothingIsRecorded() throws IOException {
    file("requests.jsonl", "{\"sid\":9,\"iova\":\"0x0\",\"access\":\"read\"}");
    assertThat(translate("toy", "--requests", "requests.jsonl", "--reg", "CTRL=0x3")).isZero();
    assertThat(console.text())
        .isEqualTo(
            "{\"sid\":9,\"iova\":\"0x0\",\"access\":\"read\",\"blocked\":true,\"name\":\"TOY.1\"}\n");
  }

  @Test
  void translateKeepsWhatItAnsweredBeforeABrokenLine() throws IOException {
    file("requests.jsonl", "{\"sid\":3,\"iova\":\"0x8\",\"access\":\"read\"}\nnonsense\n");
    refused(() -> translate("toy", "--requests", "requests.jsonl"), Reason.MALFORMED, "line 2");
    assertThat(console.lines()).hasSize(1);
    refused(() -> translate("toy", "--requests", "none"), Reason.NOT_FOUND, "no such file");
  }

  @Test
  void inspectListsUnitDevicesAndDomains() {
    assertThat(inspect("toy")).isZero();
    assertThat(console.text())
        .isEqualTo(
            """
            unit
              kind=toy root=0x1000
            devices
              sid=3 table=0x2000
              sid=5 table=0x3000
            domains
              tag=1
            """);
  }

  @Test
  void inspectGivesTheSameAsJson() {
    assertThat(inspect("toy", "--json", "--device", "0x5")).isZero();
    assertThat(console.json().toString())
        .isEqualTo(
            "{\"unit\":{\"kind\":\"toy\",\"root\":\"0x1000\"},"
                + "\"devices\":[{\"sid\":5,\"table\":\"0x3000\"}],\"domains\":[{\"tag\":1}]}");
  }

  @Test
  void inspectMappingsOfOneDeviceAndBounded() {
    assertThat(inspect("toy", "--mappings", "--device", "00:00.5")).isZero();
    assertThat(console.text())
        .isEqualTo(
            "{\"sid\":5,\"pasid\":null,\"type\":\"map\",\"iova\":\"0x2000\",\"pa\":\"0x9000\","
                + "\"write\":true}\n");
    console = new Console(folder);
    assertThat(inspect("toy", "--mappings", "--limit", "2")).isZero();
    assertThat(console.lines()).hasSize(2);
    assertThat(console.errors()).contains("stopped after 2 rows").contains("--limit");
    refused(() -> inspect("toy", "--limit", "0"), Reason.INVALID, "--limit 0");
  }

  @Test
  void inspectOfAnUnknownDeviceSaysSo() {
    refused(
        () -> inspect("toy", "--mappings", "--device", "00:01.0"),
        Reason.NOT_FOUND,
        "no device 00:01.0");
    refused(() -> inspect("toy", "--device", "nonsense"), Reason.INVALID, "BB:DD.F");
  }

  @Test
  void explainTellsTheStoryOfATranslation() {
    assertThat(explain("toy", "--device", "00:00.3", "--iova", "0x123", "--access", "w")).isZero();
    assertThat(console.text())
        .isEqualTo(
            """
            1. device[3] @0x1018 = 0x2001  P=1 TABLE=0x2000
            check: the entry grants it
            result: ok pa=0x7123 page=0x1000 rights=rw
            """);
  }

  @Test
  void explainTellsTheStoryOfAFault() {
    assertThat(explain("toy", "--device", "0000:00:00.3", "--iova", "0x1000", "--access", "w"))
        .isZero();
    assertThat(console.lastLine()).isEqualTo("result: fault 0x2 (TOY.2): toy fault");
    assertThat(explain("toy", "--device", "0x4", "--iova", "0x0", "--reg", "ctrl=3")).isZero();
    assertThat(console.lastLine()).isEqualTo("result: blocked: faults are silent");
  }

  @Test
  void explainGivesTheSameFieldsAsJson() {
    assertThat(explain("toy", "--device", "0x3", "--iova", "0x1004", "--json")).isZero();
    assertThat(console.json().toString())
        .isEqualTo(
            "{\"device\":\"00:00.3\",\"sid\":3,\"pasid\":null,\"iova\":\"0x1004\",\"access\":\"r\","
                + "\"steps\":[{\"n\":1,\"name\":\"device[3]\",\"address\":\"0x1018\","
                + "\"raw\":[\"0x2001\"],\"fields\":{\"P\":\"1\",\"TABLE\":\"0x2000\"}}],"
                + "\"check\":\"the entry grants it\",\"result\":{\"class\":\"ok\",\"pa\":\"0x8004\","
                + "\"page\":\"0x1000\",\"rights\":\"r\"}}");
  }

  @Test
  void aDeviceOfAnotherSegmentIsNotTakenForOneOfThisUnit() throws IOException {
    String[] request = {"toy", "--device", "0001:00:00.3", "--iova", "0x0"};
    refused(
        () -> explain(request),
        Reason.INVALID,
        "device 0001:00:00.3 (source id 0x10003): source ids of toy have 16 bits");
    file("requests.jsonl", "{\"sid\":65539,\"iova\":\"0x8\",\"access\":\"read\"}");
    refused(
        () -> translate("toy", "--requests", "requests.jsonl"),
        Reason.MALFORMED,
        "requests.jsonl: line 1: device 0001:00:00.3");
  }

  @Test
  void exportWritesACaptureThatAnswersTheSame() throws IOException {
    file("requests.jsonl", "{\"sid\":3,\"iova\":\"0x8\",\"access\":\"write\"}");
    assertThat(console.run(new ExportCommand(laboratory), "toy", "copy")).isZero();
    assertThat(console.lastLine()).endsWith("copy: 3 pages, 3 mappings");
    assertThat(folder.resolve("copy")).isDirectoryContaining("glob:**/memory.elf.gz");
    console = new Console(folder);
    assertThat(translate("copy", "--requests", "requests.jsonl")).isZero();
    assertThat(inspect("copy", "--mappings")).isZero();
    assertThat(console.lines())
        .hasSize(4)
        .contains("{\"sid\":3,\"iova\":\"0x8\",\"access\":\"write\",\"pa\":\"0x7008\"}");
    refused(
        () -> console.run(new ExportCommand(laboratory), "toy", "copy"),
        Reason.EXISTS,
        "not empty");
  }

  @Test
  void aDumpNeedsKindAndRegisters() throws IOException {
    Files.write(folder.resolve("core"), ToyCapture.elf());
    refused(() -> inspect("core"), Reason.INVALID, "add --kind KIND");
    refused(
        () -> inspect("core", "--kind", "toy"), Reason.INVALID, "--reg ROOT=0x.. --reg CTRL=0x..");
    refused(
        () -> inspect("core", "--kind", "toy", "--reg", "CTRL=1"),
        Reason.NOT_FOUND,
        "without ROOT");
    refused(
        () -> inspect("core", "--kind", "toy", "--reg", "RTADDR=1"),
        Reason.NOT_FOUND,
        "known are ID ROOT CTRL STATUS");
    refused(
        () -> inspect("core", "--kind", "toy", "--reg", "ROOT=1", "--reg", "root=2"),
        Reason.MALFORMED,
        "twice");
    refused(
        () -> inspect("core", "--kind", "toy", "--reg", "CTRL=0x100000000"),
        Reason.INVALID,
        "register CTRL: value 0x100000000 does not fit");
    refused(
        () -> inspect("core", "--kind", "other", "--reg", "ROOT=1"),
        Reason.GONE,
        "'other', only [toy]");
  }

  @Test
  void aCoreOrRawDumpAnswersLikeTheCapture() throws IOException {
    Files.write(folder.resolve("core"), ToyCapture.elf());
    Files.write(folder.resolve("raw"), ToyCapture.memory().array());
    file("regs.txt", "# typed\nROOT = 0x1000\nCTRL=1 # on\n");
    file("regs.json", ToyCapture.REGISTERS);
    String[][] sources = {
      {"toy"},
      {"core", "--kind", "toy", "--reg", "ROOT=0x1000", "--reg", "CTRL=1"},
      {"raw", "--kind", "toy", "--registers", "regs.txt"},
      {"raw", "--registers", "regs.json"},
      {"core", "--registers", "regs.json", "--kind", "toy", "--reg", "STATUS=0"},
    };
    for (String[] source : sources) {
      console = new Console(folder);
      String[] arguments = java.util.Arrays.copyOf(source, source.length + 1);
      arguments[source.length] = "--mappings";
      assertThat(inspect(arguments)).isZero();
      assertThat(console.lines()).hasSize(3);
    }
    refused(
        () -> inspect("raw", "--registers", "regs.json", "--kind", "other"),
        Reason.INVALID,
        "of kind toy, not other");
    file("regs.txt", "ROOT 0x1000\n");
    refused(
        () -> inspect("raw", "--kind", "toy", "--registers", "regs.txt"),
        Reason.MALFORMED,
        "regs.txt: line 1",
        "NAME=VALUE");
  }

  @Test
  void remarksAreSaidOnce() {
    assertThat(inspect("toy", "--reg", "ID=7")).isZero();
    assertThat(console.errors()).isEqualTo("toy: ID claims 0x7, the toy does 1\n");
    assertThat(console.text()).doesNotContain("claims");
  }

  @Test
  void memoryOutsideRamIsRemarkedAndAbsent() throws IOException {
    file(
        "toy/registers.json",
        ToyCapture.REGISTERS.replace("[\"0x0\", \"0x10000\"]", "[\"0x0\", \"0x3000\"]"));
    assertThat(inspect("toy", "--mappings")).isZero();
    assertThat(console.errors()).contains("4096 bytes of").contains("lie outside ram_segments");
    assertThat(console.lines()).hasSize(2);
  }

  @Test
  void usageErrorsAndHelpAreTheParsers() {
    assertThatThrownBy(this::replay).isInstanceOf(CommandLine.ParameterException.class);
    assertThatThrownBy(() -> explain("toy", "--device", "0x3"))
        .isInstanceOf(CommandLine.ParameterException.class)
        .hasMessageContaining("--iova");
    assertThat(explain("--help")).isZero();
    assertThat(console.text()).contains("Usage: explain").contains("--iova=0xADDR");
    refused(() -> replay("nowhere"), Reason.NOT_FOUND, "nowhere: there is no such folder");
  }
}
