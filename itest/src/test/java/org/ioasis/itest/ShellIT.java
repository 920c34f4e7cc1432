package org.ioasis.itest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.ioasis.testing.Requirement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One-shots and the shell as processes: answers on standard output, the rest beside it. */
class ShellIT {
  private static final long LIMIT_SECONDS = 120;

  @TempDir private Path folder;

  /** What became of a process. */
  private record Result(int status, String out, String err) {
    String lastLine() {
      List<String> lines = out.lines().toList();
      return lines.isEmpty() ? "" : lines.get(lines.size() - 1);
    }
  }

  private Result run(String input, String... arguments) throws Exception {
    Process process =
        new ProcessBuilder(
                Program.line(Distribution.home(), List.of(Program.QUICK_COMPILER), arguments))
            .directory(folder.toFile())
            .redirectOutput(folder.resolve("out").toFile())
            .redirectError(folder.resolve("err").toFile())
            .start();
    process.outputWriter().append(input).close();
    boolean ended = process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS);
    process.destroyForcibly();
    assertThat(ended).as("ended within %d s", LIMIT_SECONDS).isTrue();
    return new Result(process.exitValue(), text("out"), text("err"));
  }

  private String text(String file) throws IOException {
    return Files.readString(folder.resolve(file));
  }

  @Test
  void helpListsTheCommands() throws Exception {
    Result result = run("", "help");
    assertThat(result.status()).isZero();
    assertThat(result.err()).isEmpty();
    assertThat(result.out().lines().map(String::strip).map(line -> line.split(" ", 2)[0]))
        .contains(
            "bundles", "demo", "explain", "inspect", "replay", "translate", "units", "vectors");
  }

  @Test
  void anUnknownCommandIsOneLineAtOnce() throws Exception {
    Result result = run("", "--ioasis.command.start.millis=100000", "replya", "x");
    assertThat(result.status()).isEqualTo(2);
    assertThat(result.out()).isEmpty();
    assertThat(result.err().lines()).hasSize(1);
    assertThat(result.err())
        .startsWith("ioasis: unknown command replya; did you mean replay? There are bundles, ");
  }

  @Test
  void aUsageErrorNamesTheUsage() throws Exception {
    assertThat(run("", "bundles", "--jsn"))
        .isEqualTo(
            new Result(
                2, "", "ioasis: bundles: Unknown option: '--jsn'\nusage: bundles [-h] [--json]\n"));
  }

  @Test
  void theDemonstrationPassesWithEveryVendorAndWithNone() throws Exception {
    Result all = run("", "demo");
    assertThat(all.lastLine()).matches("[0-9]{4,} passed, 0 failed");
    assertThat(all.out())
        .contains("result: ok pa=0x1091ccbb4 page=0x1000 rights=rw")
        .contains("result: fault 0x85 ");
    assertThat(all.status()).isZero();
    Result none = run("", "demo", "--vendors=none");
    assertThat(none.lastLine()).matches("[0-9]+ passed, 0 failed, 9 set apart");
    assertThat(none.status()).isZero();
    assertThat(none.err()).isEmpty();
  }

  @Test
  void unitsFollowTheirVendorInTheRunningShell() throws Exception {
    Result result = run("units\nstop vtd\nunits\nstart vtd\nunits\nstart nobody\nexit 5\n");
    assertThat(result.out().lines())
        .containsSubsequence(
            "dmar0   vtd     full     all zero",
            "org.ioasis.vtd 0.1.0.SNAPSHOT is resolved",
            "org.ioasis.vtd 0.1.0.SNAPSHOT is active",
            "dmar0   vtd     full     all zero");
    assertThat(result.err().lines())
        .hasSize(1)
        .anyMatch(line -> line.startsWith("ioasis: start: there is no bundle nobody; "));
    assertThat(result.status()).isEqualTo(5);
  }

  /** The quota that an operator set is still there after the allocator was stopped and started. */
  @Test
  @Requirement({16, 18, 23})
  void ioasidsAreListedAndChangedInTheRunningShell() throws Exception {
    Result result =
        run(
            "ioasid sets\nioasid adjust 1 123\nioasid sets --json\nioasid ids\nioasid holders\n"
                + "ioasid leaks\nioasid free 0x7\nioasid sing\nioasid adjust 1 9999999\n"
                + "stop allocator\nstart allocator\nioasid sets\nexit 0\n");
    assertThat(result.out().lines())
        .containsSubsequence(
            "SET  TOKEN       PARENT  STATE   QUOTA  INUSE  CHILDREN",
            "1    system:0x0  -       ACTIVE  32768  0      0",
            "[{\"set\": 1, \"token\": \"system:0x0\", \"parent\": null, \"state\": \"ACTIVE\","
                + " \"quota\": 123, \"inUse\": 0, \"children\": 0}]",
            "org.ioasis.allocator 0.1.0.SNAPSHOT is resolved",
            "org.ioasis.allocator 0.1.0.SNAPSHOT is active",
            "1    system:0x0  -       ACTIVE  123    0      0");
    assertThat(result.err())
        .contains("pasid 0x7 refused: it is free")
        .contains("usage: ioasid sets | ids [SET]")
        .contains("quota refused: the capacity has only");
    assertThat(result.status()).isZero();
  }

  private Result run(String input) throws Exception {
    return run(input, new String[0]);
  }
}
