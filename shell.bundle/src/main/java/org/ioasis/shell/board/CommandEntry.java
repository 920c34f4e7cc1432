package org.ioasis.shell.board;

import java.util.Objects;
import org.ioasis.api.command.Command;

/**
 * A command on the board.
 *
 * @param name the word people type
 * @param summary one line for the list; may be empty
 * @param command what runs; throws GONE when its bundle has gone meanwhile
 */
public record CommandEntry(String name, String summary, Command command) {
  /** Checks that nothing is missing. */
  public CommandEntry {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(summary, "summary");
    Objects.requireNonNull(command, "command");
  }
}
