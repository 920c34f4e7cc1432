package org.ioasis.capture.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.ioasis.api.command.Command;
import org.ioasis.api.command.CommandContext;
import org.ioasis.capture.file.Json;
import org.ioasis.capture.replay.Mismatch;
import org.ioasis.capture.replay.Score;

/**
 * The answer of a checking command: mismatches, counts by class, and the last line. As text the
 * mismatches come as they are found; as JSON everything is one object at the end.
 *
 * <p><b>Threading:</b> confined to one thread.
 */
final class Report {
  /** Mismatches shown where the command shows only the first. */
  static final int FIRST = 20;

  /** Most mismatches that one JSON object holds. */
  static final int MOST = 100_000;

  private final CommandContext context;
  private final boolean json;
  private final int limit;
  private final List<Mismatch> kept = new ArrayList<>();
  private final Score score = new Score(this::mismatch);
  private long seen;

  /**
   * @param json one object instead of text
   * @param limit mismatches to show
   */
  Report(CommandContext context, boolean json, int limit) {
    this.context = context;
    this.json = json;
    this.limit = limit;
  }

  /** Where checks are counted. */
  Score score() {
    return score;
  }

  private void mismatch(Mismatch mismatch) {
    if (++seen > limit) {
      return;
    }
    if (json) {
      kept.add(mismatch);
    } else {
      context.out().print(mismatch.line() + "\n");
    }
  }

  /** Prints what is left to say; returns the exit status. */
  int end() {
    if (seen > limit) {
      context
          .err()
          .println("%d more mismatches are not shown; --all shows them".formatted(seen - limit));
    }
    if (json) {
      context.out().print(object().toPrettyString() + "\n");
    } else {
      text(context.out());
    }
    if (score.passed() + score.failed() == 0) {
      context.err().println("nothing was checked: the files hold no recorded answers");
      return Command.BROKEN;
    }
    return score.failed() == 0 ? Command.SUCCESS : Command.NO;
  }

  private void text(PrintStream out) {
    for (Map.Entry<String, Long> count : score.classes().entrySet()) {
      out.print("%s: %d\n".formatted(count.getKey(), count.getValue()));
    }
    String apart = score.setAside() == 0 ? "" : ", %d set apart".formatted(score.setAside());
    out.print("%d passed, %d failed%s\n".formatted(score.passed(), score.failed(), apart));
  }

  private ObjectNode object() {
    ObjectNode object = Json.object();
    object.put("passed", score.passed());
    object.put("failed", score.failed());
    object.put("setApart", score.setAside());
    ObjectNode classes = object.putObject("classes");
    score.classes().forEach(classes::put);
    ArrayNode mismatches = object.putArray("mismatches");
    for (Mismatch mismatch : kept) {
      ObjectNode entry = mismatches.addObject();
      entry.put("file", mismatch.file());
      entry.put("place", mismatch.place());
      entry.put("question", mismatch.question());
      entry.set("recorded", mismatch.expected());
      entry.set("ours", mismatch.ours());
    }
    return object;
  }
}
