package org.ioasis.shell.command;

import java.util.function.IntConsumer;
import org.ioasis.api.command.Command;
import org.ioasis.api.command.CommandContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import picocli.CommandLine;

/** {@code exit [STATUS]}: stops the platform and leaves with the status. */
@Component(
    service = Command.class,
    property = {Command.NAME + "=exit", Command.SUMMARY + "=Stop the platform and leave"})
public final class ExitCommand extends ParsedCommand<ExitCommand.Arguments> {
  private final IntConsumer exit;

  /** Arguments of {@code exit}. */
  @CommandLine.Command(name = "exit", description = "Stop the platform and leave.")
  static final class Arguments extends Line {
    @CommandLine.Parameters(
        arity = "0..1",
        paramLabel = "STATUS",
        defaultValue = "0",
        description = "Exit status, 0 to 255; default 0.")
    private int status;
  }

  /** Leaves through the launcher's exit service. */
  @Activate
  public ExitCommand(@Reference(target = "(ioasis.role=exit)") IntConsumer exit) {
    super(Arguments::new);
    this.exit = exit;
  }

  @Override
  protected int run(CommandContext context, Arguments line) {
    context.out().flush();
    exit.accept(line.status);
    return line.status;
  }
}
