package org.ioasis.shell.board;

import java.util.List;
import java.util.Optional;

/**
 * The commands that there are.
 *
 * <p><b>Threading:</b> any thread; an answer is a snapshot.
 */
public interface Commands {
  /** All commands in order of their names; of two with one name the one that ranks higher. */
  List<CommandEntry> all();

  /** The command with this name. */
  default Optional<CommandEntry> find(String name) {
    return all().stream().filter(entry -> entry.name().equals(name)).findFirst();
  }

  /** The names of all commands, in order. */
  default List<String> names() {
    return all().stream().map(CommandEntry::name).toList();
  }
}
