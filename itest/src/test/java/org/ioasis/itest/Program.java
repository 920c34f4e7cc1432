package org.ioasis.itest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * The assembled program as processes with a working folder of their own, started as the script
 * {@code ioasis} does. Every process ends within a bound.
 *
 * <p>Threading: one thread; processes may run beside each other.
 */
final class Program {
  /** An option: the compiler that starts fastest alone, as the script has it for one-shots. */
  static final String QUICK_COMPILER = "-XX:TieredStopAtLevel=1";

  private static final long LIMIT_SECONDS = 120;

  private static final Pattern BY_THE_WAY =
      Pattern.compile(
          ".* is claimed and not modelled; it is inert|[0-9]+ (rows|vectors)( checked)?");

  private final Path folder;
  private int runs;

  /**
   * A program in a folder.
   *
   * @param folder the working folder of its processes; holds their output and temporary files too
   */
  Program(Path folder) {
    this.folder = folder;
  }

  /** What became of a process, and how long it took from its start. */
  record Result(int status, String out, String err, long millis) {
    /** Standard output by lines. */
    List<String> lines() {
      return out.lines().toList();
    }

    /** The last line of standard output. */
    String lastLine() {
      List<String> lines = lines();
      return lines.isEmpty() ? "" : lines.get(lines.size() - 1);
    }

    /** Standard error by lines, without remarks on a capture's registers and without progress. */
    List<String> complaints() {
      return err.lines().filter(line -> !BY_THE_WAY.matcher(line).matches()).toList();
    }
  }

  /** A process that runs. */
  final class Run {
    private final Process process;
    private final Path out;
    private final Path err;
    private final long start = System.nanoTime();

    private Run(List<String> line) throws IOException {
      runs++;
      out = folder.resolve("out-" + runs);
      err = folder.resolve("err-" + runs);
      process =
          new ProcessBuilder(line)
              .directory(folder.toFile())
              .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")))
              .redirectOutput(out.toFile())
              .redirectError(err.toFile())
              .start();
    }

    /** Waits for its end. */
    Result end() throws IOException, InterruptedException {
      boolean ended = process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS);
      long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
      process.destroyForcibly();
      Result result =
          new Result(
              ended ? process.exitValue() : -1,
              Files.readString(out),
              Files.readString(err),
              millis);
      assertThat(ended).as("ended within %d s: %s", LIMIT_SECONDS, result).isTrue();
      return result;
    }

    /** Waits for the first line of standard output; the time since the start in milliseconds. */
    long firstLine() throws IOException, InterruptedException {
      long end = start + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
      while (!Files.readString(out).contains("\n")) {
        assertThat(System.nanoTime()).as("a line within %d s", LIMIT_SECONDS).isLessThan(end);
        Thread.sleep(1);
      }
      return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
    }
  }

  /**
   * The command line of a program, as the script has it.
   *
   * @param home where {@code ioasis.jar} is
   */
  static List<String> line(Path home, List<String> machineOptions, String... arguments) {
    List<String> line = new ArrayList<>();
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    line.add("-XX:+UseSerialGC");
    if (Runtime.version().feature() >= 23) {
      line.add("--sun-misc-unsafe-memory-access=allow");
    }
    line.addAll(machineOptions);
    line.add("-jar");
    line.add(home.resolve("ioasis.jar").toString());
    line.addAll(List.of(arguments));
    return line;
  }

  /** An option: temporary files go below a folder. */
  static String temporaryFiles(Path folder) throws IOException {
    return "-Djava.io.tmpdir=" + Files.createDirectories(folder.resolve("tmp"));
  }

  /** Starts a one-shot. */
  Run start(List<String> machineOptions, String... arguments) throws IOException {
    List<String> options = new ArrayList<>(machineOptions);
    options.add(temporaryFiles(folder));
    return new Run(line(Distribution.home(), options, arguments));
  }

  /** Runs a one-shot to its end, with the quick compiler alone: what counts is what it says. */
  Result run(String... arguments) throws IOException, InterruptedException {
    return start(List.of(QUICK_COMPILER), arguments).end();
  }
}
