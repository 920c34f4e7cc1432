package org.ioasis.shell.demo;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.command.CommandContext;
import org.ioasis.shell.board.Commands;
import org.ioasis.shell.run.Terminal;

/**
 * Where the acts of the demonstration play: what they print to, what they count in, and the other
 * commands, which they call as a person would.
 *
 * <p><b>Threading:</b> one thread.
 *
 * @param context streams of the demonstration
 * @param out the text for people; goes nowhere when the answer is JSON
 * @param tally the checks
 * @param commands all commands
 * @param remarks what other commands have said on the error stream; each line is shown once
 */
record Stage(
    CommandContext context, PrintStream out, Tally tally, Commands commands, Set<String> remarks) {
  private static final int HEADING_WIDTH = 80;

  /** Begins an act: the heading, a line below it, and a sentence on what is shown. */
  void heading(String title, String about) {
    out.println();
    out.println(title);
    out.println("-".repeat(Math.min(HEADING_WIDTH, title.length())));
    if (!about.isEmpty()) {
      out.println(about);
    }
  }

  /** Shows a person what there is so far. */
  void flush() {
    out.flush();
  }

  /** A folder as the caller would type it. */
  String typed(Path folder) {
    Path caller = context.folder().toAbsolutePath().normalize();
    Path target = folder.toAbsolutePath().normalize();
    return target.startsWith(caller) ? caller.relativize(target).toString() : target.toString();
  }

  /**
   * What a command prints.
   *
   * @throws IoasisException GONE if there is no such command, and whatever the command throws
   */
  String answer(String name, List<String> arguments) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream to = new PrintStream(bytes, false, StandardCharsets.UTF_8);
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    PrintStream remark = new PrintStream(said, true, StandardCharsets.UTF_8);
    commands
        .find(name)
        .orElseThrow(
            () ->
                new IoasisException(
                    Reason.GONE,
                    "there is no command %s; bundles shows which bundle does not run"
                        .formatted(name)))
        .command()
        .run(new Terminal(to, remark, context.folder(), false), arguments);
    to.flush();
    remark.flush();
    said.toString(StandardCharsets.UTF_8)
        .lines()
        .filter(remarks::add)
        .forEach(context.err()::println);
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
