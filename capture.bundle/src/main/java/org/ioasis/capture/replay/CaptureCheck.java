package org.ioasis.capture.replay;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import org.ioasis.api.IoasisException;
import org.ioasis.api.inspect.Answer;
import org.ioasis.api.inspect.Row;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.capture.file.Json;
import org.ioasis.capture.file.JsonLines;

/**
 * Checks the recorded answers of a capture, row by row.
 *
 * <p>Where the row does not know the direction, both are asked: it agrees if either gives the
 * recorded address; a recorded fault agrees only if both fault.
 */
public final class CaptureCheck {
  private final Replica replica;
  private final Score score;
  private final Runnable progress;

  /**
   * @param replica a restored one
   * @param score counts
   * @param progress told after every row
   */
  public CaptureCheck(Replica replica, Score score, Runnable progress) {
    this.replica = replica;
    this.score = score;
    this.progress = progress;
  }

  /** Checks every row of a {@code translations} or {@code qemu-oracle} file. */
  public void check(Path file) {
    try (JsonLines lines = JsonLines.open(file)) {
      for (ObjectNode row = lines.next(); row != null; row = lines.next()) {
        try {
          check(lines, row, Question.of(row));
        } catch (IoasisException e) {
          throw lines.placed(e);
        } catch (NumberFormatException e) {
          throw lines.noNumber(e);
        }
        progress.run();
      }
    }
  }

  private void check(JsonLines lines, ObjectNode object, Question question) {
    Row row = Json.row(object);
    boolean directed = question.directed() && replica.answers().directionMatters(row);
    Answer first = ask(question, directed ? question.access() : DmaRequest.READ);
    boolean agrees = agrees(row, first);
    Answer second = null;
    if (!directed) {
      second = ask(question, DmaRequest.WRITE);
      boolean other = agrees(row, second);
      boolean bothFault = first.kind() == Answer.Kind.FAULT && second.kind() == Answer.Kind.FAULT;
      agrees = (agrees || other) && (bothFault || !row.has("fault"));
    }
    Answer other = second;
    score.check(
        outcome(row),
        agrees,
        () ->
            new Mismatch(
                lines.name(),
                lines.place(),
                question.toString(),
                recorded(object),
                ours(first, other)));
  }

  private Answer ask(Question question, int access) {
    return replica.ask(question.sourceId(), question.pasid(), question.iova(), access);
  }

  private boolean agrees(Row row, Answer ours) {
    return replica.answers().agreesWithCapture(row, ours, replica.unitRow());
  }

  private static String outcome(Row row) {
    if (row.has("pa")) {
      return "ok";
    }
    return row.has("fault") ? "fault" : "unanswered";
  }

  /** What the row says about the answer, without the question. */
  private static ObjectNode recorded(ObjectNode row) {
    ObjectNode answer = row.deepCopy();
    answer.remove(java.util.List.of("rid", "sid", "pasid", "access", "iova", "src", "line"));
    return answer;
  }

  private JsonNode ours(Answer first, Answer second) {
    ObjectNode one = Answers.put(Json.object(), first, replica.answers());
    if (second == null) {
      return one;
    }
    ObjectNode both = Json.object();
    both.set("read", one);
    both.set("write", Answers.put(Json.object(), second, replica.answers()));
    return both;
  }
}
