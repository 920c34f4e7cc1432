package org.ioasis.shell.oneshot;

import java.util.function.IntConsumer;
import org.ioasis.shell.board.Commands;
import org.ioasis.shell.run.CommandRunner;
import org.ioasis.shell.run.Platform;
import org.ioasis.shell.run.Terminal;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/**
 * Runs the command that the launcher was given, if it was given one. The status goes to the
 * launcher's exit service, which also tells the launcher that somebody is going to answer.
 *
 * <p><b>Threading:</b> the command has a thread of its own; it is interrupted when the component
 * goes.
 */
@Component(
    service = {},
    immediate = true)
public final class OneShot {
  /** Framework property: the command and its arguments, joined by U+001F. */
  static final String COMMAND = "ioasis.command";

  /** Framework property: how long the start of the platform may take, in milliseconds. */
  static final String START_MILLIS = "ioasis.command.start.millis";

  private static final long DEFAULT_START_MILLIS = 60_000;

  private final FrameworkStartup startup;
  private final Thread thread;

  /** Prepares the run; nothing starts here. */
  @Activate
  public OneShot(
      BundleContext context,
      @Reference Commands commands,
      @Reference(target = "(ioasis.role=exit)") IntConsumer exit) {
    Platform platform = new Platform(context);
    startup = new FrameworkStartup(context, platform.number(START_MILLIS, DEFAULT_START_MILLIS));
    String command = context.getProperty(COMMAND);
    if (command == null) {
      thread = null;
      return;
    }
    OneShotRun run =
        new OneShotRun(
            OneShotLine.parse(command),
            commands,
            new CommandRunner(platform.flag(CommandRunner.STACKTRACE_PROPERTY)),
            Terminal.ofProcess(platform.folder(), platform.errorIsTerminal()),
            startup,
            exit);
    thread = new Thread(run, "ioasis-command");
  }

  /** Starts the thread where there is a command. */
  @Activate
  void start() {
    if (thread != null) {
      thread.start();
    }
  }

  /** Interrupts the command if it still runs. */
  @Deactivate
  void stop() {
    startup.close();
    if (thread != null && thread != Thread.currentThread()) {
      thread.interrupt();
    }
  }
}
