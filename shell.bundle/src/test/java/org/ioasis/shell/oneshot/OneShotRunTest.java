package org.ioasis.shell.oneshot;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.command.Command;
import org.ioasis.shell.Streams;
import org.ioasis.shell.board.CommandEntry;
import org.ioasis.shell.board.Commands;
import org.ioasis.shell.run.CommandRunner;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When a one-shot runs, and when it is clear that it never will. */
@Timeout(20)
class OneShotRunTest {
  private final Streams streams = new Streams();
  private final List<Integer> statuses = new CopyOnWriteArrayList<>();
  private final List<CommandEntry> board = new CopyOnWriteArrayList<>();
  private final Commands commands = () -> List.copyOf(board);

  /** A start whose end the test decides. */
  private static final class FakeStartup implements Startup {
    private final CountDownLatch started = new CountDownLatch(1);
    private final long timeoutMillis;
    private List<String> notRunning = List.of();

    FakeStartup(long timeoutMillis) {
      this.timeoutMillis = timeoutMillis;
    }

    static FakeStartup ended() {
      FakeStartup startup = new FakeStartup(0);
      startup.started.countDown();
      return startup;
    }

    @Override
    public boolean await() throws InterruptedException {
      return started.await(timeoutMillis, TimeUnit.MILLISECONDS);
    }

    @Override
    public long timeoutMillis() {
      return timeoutMillis;
    }

    @Override
    public List<String> notRunning() {
      return notRunning;
    }
  }

  private OneShotRun run(String line, Startup startup) {
    return new OneShotRun(
        OneShotLine.parse(line),
        commands,
        new CommandRunner(false),
        streams,
        startup,
        statuses::add);
  }

  private void offer(String name, Command command) {
    board.add(new CommandEntry(name, "summary of " + name, command));
  }

  @Test
  void runsOnceWithItsArgumentsAndGivesTheStatus() {
    List<List<String>> runs = new ArrayList<>();
    offer(
        "replay",
        (context, arguments) -> {
          runs.add(arguments);
          context.out().println("3 passed, 1 failed");
          return 1;
        });
    run("replay\u001fa b\u001fc", FakeStartup.ended()).run();
    assertThat(runs).containsExactly(List.of("a b", "c"));
    assertThat(statuses).containsExactly(1);
    assertThat(streams.outText()).isEqualTo("3 passed, 1 failed\n");
    assertThat(streams.errText()).isEmpty();
  }

  @Test
  void waitsForTheEndOfTheStartThoughTheCommandIsThere() throws Exception {
    FakeStartup startup = new FakeStartup(10_000);
    CountDownLatch ran = new CountDownLatch(1);
    offer(
        "replay",
        (context, arguments) -> {
          ran.countDown();
          return 0;
        });
    Thread thread = new Thread(run("replay", startup));
    thread.start();
    assertThat(ran.await(100, TimeUnit.MILLISECONDS)).isFalse();
    startup.started.countDown();
    thread.join();
    assertThat(ran.getCount()).isZero();
    assertThat(statuses).containsExactly(0);
  }

  @Test
  void aNameThatNoCommandHasIsDecidedAtOnce() {
    offer("replay", (context, arguments) -> 0);
    offer("units", (context, arguments) -> 0);
    run("replya", FakeStartup.ended()).run();
    assertThat(statuses).containsExactly(2);
    assertThat(streams.outText()).isEmpty();
    assertThat(streams.errText())
        .isEqualTo(
            "ioasis: unknown command replya; did you mean replay? There are replay, units\n");
  }

  @Test
  void bundlesThatFailedAreNamedSinceTheyMayHaveHadTheCommand() {
    FakeStartup startup = FakeStartup.ended();
    startup.notRunning = List.of("org.ioasis.capture");
    offer("units", (context, arguments) -> 0);
    run("replay", startup).run();
    assertThat(statuses).containsExactly(2);
    assertThat(streams.errText())
        .isEqualTo(
            "ioasis: unknown command replay; there are units; "
                + "these bundles do not run: org.ioasis.capture\n");
  }

  @Test
  void aStartThatDoesNotEndIsGivenUp() {
    FakeStartup startup = new FakeStartup(10);
    startup.notRunning = List.of("org.ioasis.machine");
    offer("units", (context, arguments) -> 0);
    run("units", startup).run();
    assertThat(statuses).containsExactly(2);
    assertThat(streams.errText())
        .isEqualTo(
            "ioasis: the platform did not start within 10 ms; not running: [org.ioasis.machine]\n");
  }

  @Test
  void interruptionWhileWaitingIsAStatusToo() throws Exception {
    Thread thread = new Thread(run("units", new FakeStartup(10_000)));
    thread.start();
    thread.interrupt();
    thread.join();
    assertThat(statuses).containsExactly(2);
    assertThat(streams.errText())
        .isEqualTo("ioasis: the platform was stopped before units could run\n");
  }

  @Test
  void aRefusalIsStatusTwo() {
    offer(
        "replay",
        (context, arguments) -> {
          throw new IoasisException(Reason.NOT_FOUND, "no capture in /x");
        });
    run("replay\u001f/x", FakeStartup.ended()).run();
    assertThat(statuses).containsExactly(2);
    assertThat(streams.errText()).isEqualTo("ioasis: replay: no capture in /x\n");
  }
}
