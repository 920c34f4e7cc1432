package org.ioasis.itest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The program as a process: its status, what it prints where, and that it leaves nothing behind.
 */
class LauncherIT {
  private static final long LIMIT_SECONDS = 60;

  @TempDir private Path folder;

  /** What became of a process. */
  private record Result(int status, String out, String err) {}

  private Process start(Path home, String... arguments) throws IOException {
    List<String> options = List.of(Program.QUICK_COMPILER, Program.temporaryFiles(folder));
    return new ProcessBuilder(Program.line(home, options, arguments))
        .directory(folder.toFile())
        .redirectOutput(folder.resolve("out").toFile())
        .redirectError(folder.resolve("err").toFile())
        .start();
  }

  private Result end(Process process) throws Exception {
    boolean ended = process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS);
    process.destroyForcibly();
    assertThat(ended).as("ended within %d s", LIMIT_SECONDS).isTrue();
    return new Result(
        process.exitValue(),
        Files.readString(folder.resolve("out")),
        Files.readString(folder.resolve("err")));
  }

  private Result type(String input, String... arguments) throws Exception {
    Process process = start(Distribution.home(), arguments);
    process.outputWriter().append(input).close();
    return end(process);
  }

  private void assertNothingLeft() throws IOException {
    try (Stream<Path> left = Files.list(folder.resolve("tmp"))) {
      assertThat(left.filter(path -> path.getFileName().toString().startsWith("ioasis-")))
          .isEmpty();
    }
  }

  @Test
  void theShellEndsWithItsInputAndStartsOnlyTheVendorsNamed() throws Exception {
    Result result = type("lb -s\n", "--vendors=smmuv3");
    assertThat(result.status()).isZero();
    assertThat(result.out())
        .containsPattern("Active +\\| +3\\|org.ioasis.smmuv3")
        .containsPattern("Installed +\\| +3\\|org.ioasis.vtd")
        .containsPattern("Installed +\\| +3\\|org.ioasis.amdvi")
        .containsPattern("Active +\\| +2\\|org.ioasis.shell");
    assertNothingLeft();
  }

  @Test
  void anUnknownVendorIsOneLineAndStatusTwo() throws Exception {
    Result result = type("", "--vendors=vtd,nobody", "demo");
    assertThat(result)
        .isEqualTo(
            new Result(
                2,
                "",
                "ioasis: unknown vendor nobody in --vendors; there are amdvi, smmuv3, vtd\n"));
    assertNothingLeft();
  }

  @Test
  void aCommandThatNobodyTakesIsOneLineAndStatusTwo() throws Exception {
    Path home = distributionWithoutShell();
    Process process = start(home, "--ioasis.command.wait.millis=100", "demo");
    assertThat(end(process))
        .isEqualTo(
            new Result(
                2,
                "",
                "ioasis: no bundle took the command within 100 ms;"
                    + " is org.ioasis.shell installed and started?\n"));
    assertNothingLeft();
  }

  @Test
  void aTerminationSignalStopsThePlatform() throws Exception {
    Process process = start(Distribution.home(), "--headless", "--verbose");
    Path log = folder.resolve("err");
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
    while (!Files.readString(log).contains("platform started")) {
      assertThat(System.nanoTime()).as("started in time").isLessThan(deadline);
      Thread.sleep(20);
    }
    process.destroy();
    assertThat(end(process).status()).isEqualTo(143);
    assertNothingLeft();
  }

  @Test
  void aStorageThatIsNamedSurvives() throws Exception {
    Path storage = folder.resolve("kept");
    for (int launch = 0; launch < 2; launch++) {
      Result result = type("lb -s\n", "--storage=" + storage);
      assertThat(result.status()).isZero();
      assertThat(result.out()).containsPattern("Active +\\| +2\\|org.ioasis.api");
      assertThat(result.err()).isEmpty();
    }
    assertThat(storage.resolve("felix")).isDirectory();
  }

  private Path distributionWithoutShell() throws IOException {
    Path home = folder.resolve("home");
    Path bundles = Files.createDirectories(home.resolve("bundles"));
    Path conf = Files.createDirectories(home.resolve("conf"));
    Files.copy(Distribution.home().resolve("ioasis.jar"), home.resolve("ioasis.jar"));
    Files.copy(
        Distribution.home().resolve("conf/ioasis.properties"), conf.resolve("ioasis.properties"));
    for (Path jar : Distribution.jars()) {
      if (!jar.getFileName().toString().startsWith("org.ioasis.shell")) {
        Files.copy(jar, bundles.resolve(jar.getFileName()));
      }
    }
    return home;
  }
}
