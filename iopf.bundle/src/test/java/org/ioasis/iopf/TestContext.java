package org.ioasis.iopf;

import java.io.PrintStream;
import java.nio.file.Path;
import org.ioasis.api.command.CommandContext;

/**
 * What a command is given by a test.
 *
 * @param out where its answer goes
 * @param err where everything else goes
 */
record TestContext(PrintStream out, PrintStream err) implements CommandContext {
  @Override
  public Path folder() {
    return Path.of("");
  }

  @Override
  public boolean interactive() {
    return false;
  }
}
