package org.ioasis.capture.command;

import java.util.List;
import org.ioasis.api.command.Command;
import org.ioasis.api.command.CommandContext;
import picocli.CommandLine;

/**
 * A command whose arguments picocli parses into a fresh options object per run, so that runs share
 * nothing. Usage errors leave as {@link CommandLine.ParameterException}, refusals as {@link
 * org.ioasis.api.IoasisException}; whoever runs the command words them.
 *
 * @param <O> the options, a class with picocli's annotations
 */
abstract class Tool<O> implements Command {
  /** What every command understands. */
  static class Help {
    @CommandLine.Option(
        names = {"-h", "--help"},
        usageHelp = true,
        description = "Prints this help.")
    boolean help;
  }

  /** Options with their defaults. */
  abstract O options();

  /** Runs with parsed options; returns the exit status. */
  abstract int run(CommandContext context, O options);

  @Override
  public final int run(CommandContext context, List<String> arguments) {
    O options = options();
    CommandLine line = new CommandLine(options).setUsageHelpAutoWidth(false);
    line.parseArgs(arguments.toArray(String[]::new));
    if (line.isUsageHelpRequested()) {
      line.usage(context.out(), CommandLine.Help.Ansi.OFF);
      return SUCCESS;
    }
    return run(context, options);
  }
}
