package org.ioasis.shell.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.command.Command;
import org.ioasis.api.hardware.HardwareFactory;
import org.ioasis.shell.Streams;
import org.ioasis.shell.board.CommandEntry;
import org.ioasis.shell.command.Factories;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The acts with captures, the other commands being fakes. */
class CaptureActTest {
  private static final String SCRIPT =
      """
      {"replays": [{"capture": "one", "about": "what is in it"}],
       "stories": [{"title": "A translation", "about": "It works.", "capture": "one",
         "arguments": ["--iova", "0x1000"], "structures": 2, "result": "ok pa=0x2000"}]}
      """;
  private static final String STORY =
      "1. root @0x0 = 0x1\n2. entry @0x8 = 0x3\ncheck: rights\nresult: ok pa=0x2000 page=0x1000\n";

  @TempDir Path folder;
  private final Streams streams = new Streams();
  private final List<CommandEntry> commands = new ArrayList<>();
  private final List<HardwareFactory> factories = new ArrayList<>();
  private final Tally tally = new Tally();
  private Set<String> running = Set.of();
  private Stage stage;

  @BeforeEach
  void capture() throws Exception {
    Files.writeString(folder.resolve("demo.json"), SCRIPT);
    Files.createDirectory(folder.resolve("one"));
    Files.writeString(folder.resolve("one/registers.json"), "{\"kind\": \"model\"}");
    stage = new Stage(streams, streams.out(), tally, () -> List.copyOf(commands), new HashSet<>());
    factories.add(factory("model"));
  }

  private static HardwareFactory factory(String kind) {
    return (HardwareFactory)
        Proxy.newProxyInstance(
            HardwareFactory.class.getClassLoader(),
            new Class<?>[] {HardwareFactory.class},
            (proxy, method, arguments) -> kind);
  }

  private void offer(String name, Command command) {
    commands.add(new CommandEntry(name, "", command));
  }

  private void offer(String name, String answer) {
    offer(
        name,
        (context, arguments) -> {
          assertThat(arguments.get(0)).isEqualTo(folder.resolve("one").toString());
          context.out().print(answer);
          return 0;
        });
  }

  private void play() {
    Factories board = () -> List.copyOf(factories);
    CaptureAct act = new CaptureAct(Script.read(folder), board, running);
    act.replays(stage);
    act.stories(stage);
    stage.flush();
  }

  @Test
  void whatAgreesPasses() {
    offer("replay", "{\"passed\": 1200, \"failed\": 0, \"classes\": {\"ok\": 1200}}");
    offer("explain", STORY);
    play();
    assertThat(tally.line()).isEqualTo("1203 passed, 0 failed");
    assertThat(tally.status()).isZero();
    assertThat(streams.outText())
        .contains("1,200 answers agree   what is in it")
        .contains("explain " + folder.resolve("one") + " --iova 0x1000")
        .contains("  result: ok pa=0x2000 page=0x1000");
  }

  @Test
  void aRowThatDiffersFailsTheDemonstration() {
    offer("replay", "{\"passed\": 9, \"failed\": 1, \"mismatches\": [{\"place\": \"row 4\"}]}");
    offer("explain", STORY);
    play();
    assertThat(tally.line()).isEqualTo("12 passed, 1 failed");
    assertThat(tally.status()).isEqualTo(1);
    assertThat(streams.outText()).contains("1 of 10 answers differ");
    assertThat(tally.json().path("mismatches").get(0).path("place").asText()).isEqualTo("row 4");
  }

  @Test
  void aReplayThatChecksNothingFails() {
    offer("replay", "{\"passed\": 0, \"failed\": 0}");
    offer("explain", STORY);
    play();
    assertThat(tally.failed()).isEqualTo(1);
  }

  @Test
  void anotherResultOrAnotherPathFails() {
    offer("replay", "{\"passed\": 1, \"failed\": 0}");
    offer("explain", "1. root @0x0 = 0x1\ncheck: rights\nresult: ok pa=0x3000 page=0x1000\n");
    play();
    assertThat(tally.failed()).isEqualTo(2);
    assertThat(streams.outText())
        .contains("recorded is: result: ok pa=0x2000")
        .contains("the tables have 2 structures on the way");
  }

  @Test
  void commandsThatAreMissingOrRefuseFail() {
    offer(
        "explain",
        (context, arguments) -> {
          throw new IoasisException(Reason.MALFORMED, "memory.elf is truncated");
        });
    play();
    assertThat(tally.line()).isEqualTo("0 passed, 2 failed");
    assertThat(streams.outText())
        .contains("failed: there is no command replay; ")
        .contains("failed: memory.elf is truncated");
  }

  @Test
  void whatNoRunningBundleModelsIsSetApartAndSaid() {
    factories.clear();
    play();
    assertThat(tally.line()).isEqualTo("0 passed, 0 failed, 2 set apart");
    assertThat(tally.status()).isEqualTo(2);
    assertThat(streams.outText()).contains("skipped: it needs --vendors=model, which does not run");
  }

  @Test
  void aBundleThatRunsAndModelsNothingFails() {
    factories.clear();
    running = Set.of("model");
    play();
    assertThat(tally.line()).isEqualTo("0 passed, 2 failed");
    assertThat(streams.outText())
        .contains("failed: the bundle for model runs but offers no hardware model");
  }

  @Test
  void aScriptThatNamesAMissingFolderIsRefused() throws Exception {
    Files.writeString(folder.resolve("demo.json"), SCRIPT.replace("\"one\"", "\"two\""));
    assertThatThrownBy(() -> Script.read(folder))
        .isInstanceOf(IoasisException.class)
        .hasMessage(folder.resolve("two") + " is missing, which demo.json names");
  }
}
