package org.ioasis.shell.command;

import java.util.List;
import java.util.function.Supplier;
import org.ioasis.api.command.Command;
import org.ioasis.api.command.CommandContext;
import picocli.CommandLine;

/**
 * A command whose arguments picocli reads. A usage error leaves as picocli's exception; {@link
 * org.ioasis.shell.run.CommandRunner} makes two lines of it.
 *
 * <p><b>Threading:</b> immutable; each run has a line of its own.
 *
 * @param <T> the annotated arguments
 */
public abstract class ParsedCommand<T> implements Command {
  private final Supplier<T> lines;

  /**
   * @param lines makes the annotated arguments of one run
   */
  protected ParsedCommand(Supplier<T> lines) {
    this.lines = lines;
  }

  @Override
  public final int run(CommandContext context, List<String> arguments) {
    T line = lines.get();
    CommandLine parser = new CommandLine(line);
    parser.setUsageHelpWidth(100);
    parser.parseArgs(arguments.toArray(String[]::new));
    if (parser.isUsageHelpRequested()) {
      parser.usage(context.out());
      return SUCCESS;
    }
    return run(context, line);
  }

  /** Runs the command with its arguments read. */
  protected abstract int run(CommandContext context, T line);

  /** What every command understands. */
  public abstract static class Line {
    @CommandLine.Option(
        names = {"-h", "--help"},
        usageHelp = true,
        description = "Print this text.")
    private boolean help;

    /** Whether help was asked for. */
    public final boolean help() {
      return help;
    }
  }

  /** A line with the choice of JSON. */
  public abstract static class JsonLine extends Line {
    @CommandLine.Option(names = "--json", description = "Answer in JSON.")
    private boolean json;

    /** Whether JSON was asked for. */
    public final boolean json() {
      return json;
    }
  }
}
