package org.ioasis.capture.replay;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.nio.file.Path;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.inspect.CommandReplay;
import org.ioasis.capture.file.CapturedMachine;
import org.ioasis.capture.file.Json;
import org.ioasis.capture.file.JsonLines;

/** Gives a unit in reset the recorded register writes and commands, and compares where it ends. */
public final class CommandCheck {
  private CommandCheck() {}

  /**
   * Replays a {@code commands} file.
   *
   * @param replica in reset, with memory as captured
   * @param captured has the registers to end with
   * @param file the commands
   * @param score counts
   * @param progress told after every row
   */
  public static void check(
      Replica replica, CapturedMachine captured, Path file, Score score, Runnable progress) {
    CommandReplay replay =
        replica
            .answers()
            .commandReplay(replica.unit().mmio(), replica.memory())
            .orElseThrow(
                () ->
                    new IoasisException(
                        Reason.UNSUPPORTED,
                        "%s: commands of kind %s cannot be replayed"
                            .formatted(file, captured.kind())));
    feed(replay, file, progress);
    for (CommandReplay.Check check : replay.finish(captured.registers().registers())) {
      score.check(
          "commands",
          check.agrees(),
          () ->
              new Mismatch(
                  file.toString(),
                  "at the end",
                  check.name(),
                  TextNode.valueOf(check.expected()),
                  TextNode.valueOf(check.ours())));
    }
  }

  private static void feed(CommandReplay replay, Path file, Runnable progress) {
    try (JsonLines lines = JsonLines.open(file)) {
      for (ObjectNode row = lines.next(); row != null; row = lines.next()) {
        try {
          replay.accept(Json.row(row));
        } catch (IoasisException e) {
          throw lines.placed(e);
        }
        progress.run();
      }
    }
  }
}
