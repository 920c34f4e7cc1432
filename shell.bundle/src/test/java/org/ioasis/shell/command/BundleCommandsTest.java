package org.ioasis.shell.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.ioasis.api.command.Command;
import org.ioasis.shell.Streams;
import org.ioasis.shell.TestFramework;
import org.ioasis.shell.run.CommandRunner;
import org.ioasis.shell.text.Json;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;

/** Listing, starting, stopping and updating bundles of a real framework. */
class BundleCommandsTest {
  @TempDir Path folder;
  private TestFramework framework;
  private Bundle model;
  private Bundle idle;
  private Streams streams;

  @BeforeEach
  void start() throws Exception {
    framework = new TestFramework(folder, Map.of()).started();
    streams = new Streams(folder);
    model =
        framework.install(
            "org.ioasis.model",
            "1.0.0",
            "Bundle-Description",
            "A model.",
            "Ioasis-Vendor",
            "model");
    model.start();
    idle = framework.install("org.ioasis.idle", "1.0.0");
    framework.install("com.example.log", "2.0.0").start();
    framework.install("com.example.deep.log", "2.0.0");
  }

  @AfterEach
  void stop() throws Exception {
    framework.close();
  }

  private int run(Command command, String... arguments) {
    return new CommandRunner(false).run("probe", command, streams, Arrays.asList(arguments));
  }

  @Test
  void listsOursThenInfrastructure() {
    assertThat(run(new BundlesCommand(framework.context()))).isZero();
    assertThat(streams.outText().lines())
        .containsExactly(
            "Ioasis: 2 bundles, 1 active",
            "  2  idle   1.0.0  installed",
            "  1  model  1.0.0  active     A model.",
            "",
            "Infrastructure: 2 bundles, 1 active",
            "  4  com.example.deep.log  2.0.0  installed",
            "  3  com.example.log       2.0.0  active");
  }

  @Test
  void listsAsJson() {
    assertThat(run(new BundlesCommand(framework.context()), "--json")).isZero();
    JsonNode list = Json.read("answer", streams.outText());
    assertThat(list).hasSize(4);
    assertThat(list.get(3))
        .hasToString(
            "{\"id\":1,\"name\":\"org.ioasis.model\",\"version\":\"1.0.0\",\"state\":\"active\","
                + "\"ours\":true,\"vendor\":\"model\",\"description\":\"A model.\"}");
  }

  @Test
  void startsAndStopsByLastPartOfTheName() {
    assertThat(run(new StartCommand(framework.context()), "idle")).isZero();
    assertThat(idle.getState()).isEqualTo(Bundle.ACTIVE);
    assertThat(run(new StopCommand(framework.context()), "model", "2")).isZero();
    assertThat(model.getState()).isEqualTo(Bundle.RESOLVED);
    assertThat(idle.getState()).isEqualTo(Bundle.RESOLVED);
    assertThat(streams.outText().lines())
        .containsExactly(
            "org.ioasis.idle 1.0.0 is active",
            "org.ioasis.model 1.0.0 is resolved",
            "org.ioasis.idle 1.0.0 is resolved");
  }

  @Test
  void oneUnknownNameStopsNothing() {
    assertThat(run(new StopCommand(framework.context()), "model", "modl")).isEqualTo(2);
    assertThat(model.getState()).isEqualTo(Bundle.ACTIVE);
    assertThat(streams.errText())
        .isEqualTo("ioasis: probe: there is no bundle modl; did you mean model?\n");
  }

  @Test
  void aNameThatMeansTwoIsRefused() {
    assertThat(run(new StopCommand(framework.context()), "log")).isEqualTo(2);
    assertThat(streams.errText())
        .isEqualTo(
            "ioasis: probe: log may be any of 4 com.example.deep.log 2.0.0, "
                + "3 com.example.log 2.0.0; give the number or the whole name\n");
  }

  @Test
  void aWholeNameBeatsALastPart() {
    assertThat(run(new StopCommand(framework.context()), "com.example.log")).isZero();
    assertThat(streams.outText()).isEqualTo("com.example.log 2.0.0 is resolved\n");
  }

  @Test
  void anUnknownNumberIsRefused() {
    assertThat(run(new StartCommand(framework.context()), "99")).isEqualTo(2);
    assertThat(streams.errText())
        .isEqualTo("ioasis: probe: there is no bundle 99; bundles lists them\n");
  }

  @Test
  void aBundleThatCannotResolveSaysWhy() throws Exception {
    framework.install("org.ioasis.broken", "1.0.0", "Import-Package", "org.ioasis.nowhere");
    assertThat(run(new StartCommand(framework.context()), "broken")).isEqualTo(2);
    assertThat(streams.errText().lines()).hasSize(1);
    assertThat(streams.errText())
        .startsWith("ioasis: probe: org.ioasis.broken 1.0.0 does not start: ")
        .contains("org.ioasis.nowhere");
  }

  @Test
  void updatesFromAJarInTheCallersFolder() throws Exception {
    framework.jar("new.jar", "org.ioasis.model", "1.1.0");
    assertThat(run(new UpdateCommand(framework.context()), "model", "new.jar")).isZero();
    assertThat(model.getVersion()).hasToString("1.1.0");
    assertThat(model.getState()).isEqualTo(Bundle.ACTIVE);
    assertThat(streams.outText()).isEqualTo("org.ioasis.model 1.0.0 is now 1.1.0, active\n");
  }

  @Test
  void anUpdateReachesThoseThatUseTheBundle() throws Exception {
    Bundle library =
        framework.install("org.ioasis.library", "1.0.0", "Export-Package", "library;version=1.0.0");
    Bundle user = framework.install("org.ioasis.user", "1.0.0", "Import-Package", "library");
    user.start();
    framework.jar(
        "library.jar", "org.ioasis.library", "2.0.0", "Export-Package", "library;version=2.0.0");
    assertThat(run(new UpdateCommand(framework.context()), "library", "library.jar")).isZero();
    assertThat(library.getVersion()).hasToString("2.0.0");
    assertThat(user.getState()).isEqualTo(Bundle.ACTIVE);
    Object version =
        user.adapt(org.osgi.framework.wiring.BundleWiring.class)
            .getRequiredWires("osgi.wiring.package")
            .get(0)
            .getCapability()
            .getAttributes()
            .get("version");
    assertThat(version).hasToString("2.0.0");
  }

  @Test
  void anUpdateFromSomethingElseIsRefusedAndNothingChanges() throws Exception {
    framework.jar("other.jar", "org.ioasis.other", "1.1.0");
    Files.writeString(folder.resolve("text.jar"), "not a jar");
    UpdateCommand update = new UpdateCommand(framework.context());
    assertThat(run(update, "model", "other.jar")).isEqualTo(2);
    assertThat(run(update, "model", "text.jar")).isEqualTo(2);
    assertThat(run(update, "model", "missing.jar")).isEqualTo(2);
    assertThat(run(update)).isEqualTo(2);
    assertThat(streams.errText())
        .contains("holds the bundle org.ioasis.other, not org.ioasis.model")
        .contains("text.jar is not a jar")
        .contains("there is no file " + folder.resolve("missing.jar"))
        .contains("usage: update [-h] BUNDLE [JAR]");
    assertThat(model.getVersion()).hasToString("1.0.0");
    assertThat(model.getState()).isEqualTo(Bundle.ACTIVE);
  }
}
