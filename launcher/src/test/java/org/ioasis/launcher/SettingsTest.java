package org.ioasis.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where a setting comes from, and what its references become. */
class SettingsTest {
  @TempDir private Path home;

  @BeforeEach
  void configuration() throws Exception {
    Path conf = Files.createDirectories(home.resolve("conf"));
    Files.writeString(
        conf.resolve("ioasis.properties"),
        """
        ioasis.vendors = vtd, smmuv3,
        place = ${ioasis.home}/x
        loop = ${loop}y
        wait.millis = soon
        """);
  }

  private Settings read(String... arguments) throws LaunchException {
    return Settings.read(home, Options.parse(List.of(arguments)));
  }

  @Test
  void theCommandLineWinsOverTheFile() throws Exception {
    assertThat(read().list("ioasis.vendors")).containsExactly("vtd", "smmuv3");
    assertThat(read("--vendors=amdvi").list("ioasis.vendors")).containsExactly("amdvi");
    assertThat(read().list("no.such.list")).isEmpty();
  }

  @Test
  void referencesAreReplacedAndEndEvenInALoop() throws Exception {
    assertThat(read().get("place")).isEqualTo(home + "/x");
    assertThat(read().get("loop")).startsWith("${loop}").endsWith("y".repeat(16));
    assertThat(read().get("no.such.setting")).isNull();
  }

  @Test
  void theCommandIsJoinedByTheSeparator() throws Exception {
    assertThat(read("explain", "a b", "").get("ioasis.command"))
        .isEqualTo("explain\u001fa b\u001f");
    assertThat(read().get("ioasis.command")).isNull();
    assertThat(read("explain").get("ioasis.cwd")).isEqualTo(System.getProperty("user.dir"));
  }

  @Test
  void onlyALaunchWithoutACommandTalksToAPerson() throws Exception {
    assertThat(read().interactive()).isTrue();
    assertThat(read("--headless").interactive()).isFalse();
    assertThat(read("demo").interactive()).isFalse();
  }

  @Test
  void refusalsNameThePlace() throws Exception {
    assertThatThrownBy(() -> read("--conf=/no/such/folder"))
        .isInstanceOf(LaunchException.class)
        .hasMessage(
            "configuration cannot be read: /no/such/folder/ioasis.properties;"
                + " --conf=DIR names the folder");
    assertThatThrownBy(() -> read().number("wait.millis"))
        .hasMessage("wait.millis must be a whole number, not soon");
  }

  @Test
  void theVersionsOfTheLogsPackagesAreFilledIn() throws Exception {
    assertThat(read().get("org.osgi.framework.system.packages.extra"))
        .contains("org.slf4j;version=\"2.0.20\"", "org.slf4j;version=\"1.7.36\"")
        .doesNotContain("$");
  }
}
