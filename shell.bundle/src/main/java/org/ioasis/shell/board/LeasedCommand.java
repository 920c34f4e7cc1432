package org.ioasis.shell.board;

import java.util.List;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.command.Command;
import org.ioasis.api.command.CommandContext;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;

/**
 * A command that is fetched from the registry for each run and given back after it, so that the
 * list of commands costs no instance of any.
 *
 * @param context the bundle that asks
 * @param name for the message when the command has gone
 * @param reference the registered command
 */
public record LeasedCommand(BundleContext context, String name, ServiceReference<Command> reference)
    implements Command {
  @Override
  public int run(CommandContext console, List<String> arguments) {
    Command command = context.getService(reference);
    if (command == null) {
      throw new IoasisException(
          Reason.GONE, "the bundle that offers " + name + " is not there any more; start it again");
    }
    try {
      return command.run(console, arguments);
    } finally {
      context.ungetService(reference);
    }
  }
}
