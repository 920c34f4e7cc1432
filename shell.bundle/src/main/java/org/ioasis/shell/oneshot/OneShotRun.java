package org.ioasis.shell.oneshot;

import java.util.List;
import java.util.Optional;
import java.util.function.IntConsumer;
import org.ioasis.api.command.Command;
import org.ioasis.api.command.CommandContext;
import org.ioasis.shell.board.CommandEntry;
import org.ioasis.shell.board.Commands;
import org.ioasis.shell.run.CommandRunner;
import org.ioasis.shell.run.Nearest;

/**
 * Waits for the end of the platform's start, then runs the command once and gives its status. A
 * name that no command has when the start has ended will not get one: that is decided at once.
 *
 * <p><b>Threading:</b> runs on one thread of its own.
 *
 * @param line what was typed
 * @param commands what there is
 * @param runner the rules of running
 * @param context streams and the caller's folder
 * @param startup the start of the platform
 * @param exit takes the status, exactly once
 */
record OneShotRun(
    OneShotLine line,
    Commands commands,
    CommandRunner runner,
    CommandContext context,
    Startup startup,
    IntConsumer exit)
    implements Runnable {

  @Override
  public void run() {
    int status = Command.BROKEN;
    try {
      status = decide();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      say("the platform was stopped before " + line.name() + " could run");
    } finally {
      context.err().flush();
      exit.accept(status);
    }
  }

  private int decide() throws InterruptedException {
    if (!startup.await()) {
      say(
          "the platform did not start within %d ms; not running: %s"
              .formatted(startup.timeoutMillis(), startup.notRunning()));
      return Command.BROKEN;
    }
    Optional<CommandEntry> entry = commands.find(line.name());
    if (entry.isEmpty()) {
      say(unknown(line.name(), commands.names(), startup.notRunning()));
      return Command.BROKEN;
    }
    return runner.run(line.name(), entry.get().command(), context, line.arguments());
  }

  /** The line for a name that no command has. */
  static String unknown(String name, List<String> names, List<String> notRunning) {
    List<String> nearest = Nearest.to(name, names);
    StringBuilder text = new StringBuilder("unknown command ").append(name);
    if (!nearest.isEmpty()) {
      text.append("; did you mean ").append(String.join(" or ", nearest)).append('?');
    }
    text.append(nearest.isEmpty() ? "; there are " : " There are ")
        .append(String.join(", ", names));
    if (!notRunning.isEmpty()) {
      text.append("; these bundles do not run: ").append(String.join(", ", notRunning));
    }
    return text.toString();
  }

  private void say(String text) {
    context.err().println("ioasis: " + text);
  }
}
