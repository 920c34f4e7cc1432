package org.ioasis.shell.command;

import java.util.List;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.command.Command;
import org.ioasis.api.command.CommandContext;
import org.ioasis.shell.board.Commands;
import org.ioasis.shell.text.Table;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import picocli.CommandLine;

/** {@code help [COMMAND]}: all commands with their summaries, or the usage of one. */
@Component(
    service = Command.class,
    property = {
      Command.NAME + "=help",
      Command.SUMMARY + "=List the commands, or print the usage of one"
    })
public final class HelpCommand extends ParsedCommand<HelpCommand.Arguments> {
  private final Commands commands;

  /** Arguments of {@code help}. */
  @CommandLine.Command(name = "help", description = "List the commands, or print the usage of one.")
  static final class Arguments extends Line {
    @CommandLine.Parameters(
        arity = "0..1",
        paramLabel = "COMMAND",
        description = "The command to explain.")
    private String command;
  }

  /** Lists what is on the board. */
  @Activate
  public HelpCommand(@Reference Commands commands) {
    super(Arguments::new);
    this.commands = commands;
  }

  @Override
  protected int run(CommandContext context, Arguments line) {
    return line.command == null ? list(context) : usage(context, line.command);
  }

  private int list(CommandContext context) {
    context.out().println("usage: ioasis [OPTION...] [COMMAND [ARGUMENT...]]");
    context.out().println();
    Table table = new Table("  ");
    commands.all().forEach(entry -> table.row(entry.name(), entry.summary()));
    table.print(context.out());
    context.out().println();
    context
        .out()
        .println("COMMAND --help explains a command; without one an interactive shell starts.");
    return SUCCESS;
  }

  private int usage(CommandContext context, String name) {
    return commands
        .find(name)
        .map(entry -> entry.command().run(context, List.of("--help")))
        .orElseThrow(
            () ->
                new IoasisException(
                    Reason.NOT_FOUND,
                    "there is no command %s; %s"
                        .formatted(name, Choice.of(name, commands.names()))));
  }
}
