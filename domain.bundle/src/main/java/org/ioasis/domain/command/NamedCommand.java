package org.ioasis.domain.command;

import java.util.ArrayList;
import java.util.List;
import org.ioasis.api.command.Command;
import org.ioasis.api.command.CommandContext;
import org.ioasis.api.inspect.Row;

/**
 * A command with its summary and the one option all have.
 *
 * <p><b>Threading:</b> any thread.
 */
public abstract class NamedCommand implements Command {
  private final String summary;
  private final String usage;

  NamedCommand(String summary, String usage) {
    this.summary = summary;
    this.usage = usage;
  }

  /** One line for the list of commands. */
  public final String summary() {
    return summary;
  }

  @Override
  public final int run(CommandContext context, List<String> arguments) {
    List<String> words = new ArrayList<>(arguments);
    boolean json = words.remove("--json");
    Answer answer = answer(words);
    if (answer == null) {
      context.err().println("usage: " + usage);
      return BROKEN;
    }
    if (json) {
      RowWriter.json(context.out(), answer.rows());
    } else {
      RowWriter.table(context.out(), answer.rows());
      answer.remarks().forEach(context.err()::println);
    }
    return answer.status();
  }

  /** What is said; the remarks are for people only. */
  record Answer(List<Row> rows, List<String> remarks, int status) {
    static Answer of(List<Row> rows) {
      return new Answer(rows, List.of(), SUCCESS);
    }
  }

  /** The answer to these words, or null if they are not understood. */
  abstract Answer answer(List<String> words);
}
