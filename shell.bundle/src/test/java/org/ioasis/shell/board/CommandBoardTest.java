package org.ioasis.shell.board;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.ioasis.api.IoasisException;
import org.ioasis.api.command.Command;
import org.ioasis.shell.Streams;
import org.ioasis.shell.TestFramework;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceRegistration;

/** The whiteboard, with a real service registry. */
class CommandBoardTest {
  @TempDir Path folder;
  private TestFramework framework;
  private CommandBoard board;

  @BeforeEach
  void start() throws Exception {
    framework = new TestFramework(folder, Map.of()).started();
    board = new CommandBoard(framework.context());
  }

  @AfterEach
  void stop() throws Exception {
    framework.close();
  }

  private ServiceRegistration<Command> offer(String name, int ranking, int status) {
    ServiceRegistration<Command> registration =
        framework
            .context()
            .registerService(
                Command.class,
                (context, arguments) -> status,
                FrameworkUtil.asDictionary(
                    Map.of(
                        Command.NAME,
                        name,
                        Command.SUMMARY,
                        "Summary of " + name,
                        "service.ranking",
                        ranking)));
    board.bind(registration.getReference());
    return registration;
  }

  private int run(String name) {
    return board.find(name).orElseThrow().command().run(new Streams(), List.of());
  }

  @Test
  void commandsAreListedInOrderAndRun() {
    offer("units", 0, 7);
    offer("demo", 0, 8);
    assertThat(board.names()).containsExactly("demo", "units");
    assertThat(board.find("units").orElseThrow().summary()).isEqualTo("Summary of units");
    assertThat(run("units")).isEqualTo(7);
    assertThat(board.find("unit")).isEmpty();
  }

  @Test
  void ofTwoWithOneNameTheHigherRankRuns() {
    offer("demo", 5, 5);
    offer("demo", 0, 1);
    assertThat(board.names()).containsExactly("demo");
    assertThat(run("demo")).isEqualTo(5);
  }

  @Test
  void aCommandThatWentBetweenLookingAndRunningIsGone() {
    ServiceRegistration<Command> registration = offer("demo", 0, 1);
    CommandEntry entry = board.find("demo").orElseThrow();
    registration.unregister();
    assertThatThrownBy(() -> entry.command().run(new Streams(), List.of()))
        .isInstanceOf(IoasisException.class)
        .hasMessageContaining("demo");
  }

  @Test
  void whatWentIsNotListed() {
    ServiceRegistration<Command> registration = offer("demo", 0, 1);
    board.unbind(registration.getReference());
    assertThat(board.names()).isEmpty();
  }
}
