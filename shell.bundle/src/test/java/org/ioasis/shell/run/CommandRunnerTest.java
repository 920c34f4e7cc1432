package org.ioasis.shell.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.command.Command;
import org.ioasis.shell.Streams;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** One rule for output, errors and status. */
class CommandRunnerTest {
  private final Streams streams = new Streams();
  private final CommandRunner runner = new CommandRunner(false);

  @CommandLine.Command(name = "probe")
  static final class Probe {
    @CommandLine.Option(names = "--depth", required = true, paramLabel = "N")
    int depth;
  }

  private int run(Command command, String... arguments) {
    return runner.run("probe", command, streams, List.of(arguments));
  }

  @Test
  void answerIsFlushedAndStatusIsTheCommands() {
    int status =
        run(
            (context, arguments) -> {
              context.out().print("Ärger ✓");
              return 1;
            });
    assertThat(status).isEqualTo(1);
    assertThat(streams.outText()).isEqualTo("Ärger ✓");
    assertThat(streams.errText()).isEmpty();
  }

  @Test
  void refusalIsOneLineAndStatusTwo() {
    int status =
        run(
            (context, arguments) -> {
              throw new IoasisException(Reason.NOT_FOUND, "no such file: a\n  give another");
            });
    assertThat(status).isEqualTo(2);
    assertThat(streams.outText()).isEmpty();
    assertThat(streams.errText()).isEqualTo("ioasis: probe: no such file: a give another\n");
  }

  @Test
  void partOfAnAnswerStaysBeforeTheError() {
    int status =
        run(
            (context, arguments) -> {
              context.out().println("first row");
              throw new IoasisException(Reason.MALFORMED, "row 2 is truncated");
            });
    assertThat(status).isEqualTo(2);
    assertThat(streams.outText()).isEqualTo("first row\n");
  }

  @Test
  void usageErrorNamesTheUsage() {
    int status =
        run(
            (context, arguments) -> {
              new CommandLine(new Probe()).parseArgs(arguments.toArray(String[]::new));
              return 0;
            },
            "--depth=deep");
    assertThat(status).isEqualTo(2);
    assertThat(streams.errText().lines())
        .containsExactly(
            "ioasis: probe: Invalid value for option '--depth': 'deep' is not an int",
            "usage: probe --depth=N");
  }

  @Test
  void anythingElseIsOurDefectInOneLineWithTheRemedy() {
    int status =
        run(
            (context, arguments) -> {
              throw new IllegalStateException("table is gone");
            });
    assertThat(status).isEqualTo(2);
    assertThat(streams.errText().lines()).hasSize(1);
    assertThat(streams.errText())
        .startsWith(
            "ioasis: probe: a defect of Ioasis, not of your input: "
                + "java.lang.IllegalStateException: table is gone at ")
        .contains("CommandRunnerTest.java")
        .contains("--stacktrace")
        .doesNotContain("\tat ");
  }

  @Test
  void errorsOfTheMachineAreCaughtToo() {
    int status =
        run(
            (context, arguments) -> {
              throw new StackOverflowError();
            });
    assertThat(status).isEqualTo(2);
    assertThat(streams.errText()).contains("java.lang.StackOverflowError");
  }

  @Test
  void stackTraceIsPrintedOnRequestAndTheCommandDoesNotSeeTheOption() {
    List<String> seen = new ArrayList<>();
    int status =
        run(
            (context, arguments) -> {
              seen.addAll(arguments);
              throw new IoasisException(Reason.INVALID, "no");
            },
            "a",
            "--stacktrace",
            "--",
            "--stacktrace");
    assertThat(status).isEqualTo(2);
    assertThat(seen).containsExactly("a", "--", "--stacktrace");
    assertThat(streams.errText())
        .startsWith("ioasis: probe: no\n")
        .contains("org.ioasis.api.IoasisException: no\n\tat ");
  }

  @Test
  void propertyAsksForStackTracesOfAll() {
    int status =
        new CommandRunner(true)
            .run(
                "probe",
                (context, arguments) -> {
                  throw new IoasisException(Reason.INVALID, "no");
                },
                streams,
                List.of());
    assertThat(status).isEqualTo(2);
    assertThat(streams.errText()).contains("\tat ");
  }

  @Test
  void anAnswerThatCannotBeWrittenIsAnError() {
    OutputStream full =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("no space left");
          }
        };
    Terminal terminal = Terminal.over(full, streams.err(), Path.of("/caller"), false);
    int status =
        runner.run(
            "probe",
            (context, arguments) -> {
              context.out().println("lost");
              return 0;
            },
            terminal,
            List.of());
    terminal.err().flush();
    assertThat(status).isEqualTo(2);
    assertThat(streams.errText())
        .isEqualTo("ioasis: probe: the answer could not be written completely\n");
  }
}
