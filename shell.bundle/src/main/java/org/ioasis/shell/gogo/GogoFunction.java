package org.ioasis.shell.gogo;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Function;
import org.ioasis.api.command.Command;
import org.ioasis.shell.run.CommandRunner;
import org.ioasis.shell.run.Platform;
import org.ioasis.shell.run.Terminal;

/**
 * A command as Gogo calls it. The exit status goes to the session's variable {@value #STATUS};
 * nothing is returned, so that the session prints what the command printed and no more.
 *
 * <p><b>Threading:</b> Gogo's, one thread per run; it gives each its own standard streams.
 *
 * @param name the word people type
 * @param command what runs
 * @param runner the rules of running
 * @param platform what the launcher told
 */
record GogoFunction(String name, Command command, CommandRunner runner, Platform platform)
    implements Function {
  /** The session's variable that holds the last exit status. */
  static final String STATUS = "status";

  @Override
  public Object execute(CommandSession session, List<Object> arguments) {
    Path folder = session.currentDir() == null ? platform.folder() : session.currentDir();
    Terminal terminal =
        Terminal.over(System.out, System.err, folder.toAbsolutePath(), platform.errorIsTerminal());
    int status =
        runner.run(name, command, terminal, arguments.stream().map(Objects::toString).toList());
    session.put(STATUS, status);
    return null;
  }
}
