package org.ioasis.capture.replay;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.OptionalInt;
import org.ioasis.api.IoasisException;
import org.ioasis.api.machine.MsiMessage;
import org.ioasis.capture.file.Json;
import org.ioasis.capture.file.JsonLines;
import org.ioasis.capture.file.Numbers;

/**
 * Checks the recorded interrupts of a capture, row by row: {@code addr} and {@code data} are sent
 * and must become {@code out_addr} and {@code out_data}; a row without these two recorded a blocked
 * one. A row whose sender the vendor cannot tell is set apart.
 */
public final class InterruptCheck {
  private static final String OUTCOME = "interrupt";
  private static final String OUT_ADDRESS = "out_addr";
  private static final String OUT_DATA = "out_data";

  private final Replica replica;
  private final Score score;
  private final Runnable progress;

  /**
   * @param replica a restored one
   * @param score counts
   * @param progress told after every row
   */
  public InterruptCheck(Replica replica, Score score, Runnable progress) {
    this.replica = replica;
    this.score = score;
    this.progress = progress;
  }

  /** Checks every row of an {@code interrupts} file. */
  public void check(Path file) {
    try (JsonLines lines = JsonLines.open(file)) {
      for (ObjectNode row = lines.next(); row != null; row = lines.next()) {
        try {
          check(lines, row);
        } catch (IoasisException e) {
          throw lines.placed(e);
        } catch (NumberFormatException e) {
          throw lines.noNumber(e);
        }
        progress.run();
      }
    }
  }

  private void check(JsonLines lines, ObjectNode row) {
    OptionalInt source = replica.answers().interruptSource(Json.row(row));
    if (source.isEmpty()) {
      score.setApart();
      return;
    }
    MsiMessage message =
        new MsiMessage()
            .set(
                source.getAsInt(),
                Numbers.of(row.get("addr"), "addr"),
                (int) Numbers.of(row.get("data"), "data"));
    String question = message.toString();
    boolean delivered = replica.interrupt(message);
    score.check(
        OUTCOME,
        agrees(row, message, delivered),
        () ->
            new Mismatch(
                lines.name(), lines.place(), question, recorded(row), ours(message, delivered)));
  }

  private static boolean agrees(ObjectNode row, MsiMessage ours, boolean delivered) {
    if (!row.has(OUT_ADDRESS)) {
      return !delivered;
    }
    return delivered
        && ours.address() == Numbers.of(row.get(OUT_ADDRESS), OUT_ADDRESS)
        && ours.data() == (int) Numbers.of(row.get(OUT_DATA), OUT_DATA);
  }

  private static ObjectNode recorded(ObjectNode row) {
    ObjectNode answer = Json.object();
    if (!row.has(OUT_ADDRESS)) {
      return answer.put("blocked", true);
    }
    answer.set(OUT_ADDRESS, row.get(OUT_ADDRESS));
    answer.set(OUT_DATA, row.get(OUT_DATA));
    return answer;
  }

  private static ObjectNode ours(MsiMessage message, boolean delivered) {
    ObjectNode answer = Json.object();
    return delivered
        ? answer
            .put(OUT_ADDRESS, Json.Hex.PREFIXED.format(message.address()))
            .put(OUT_DATA, Json.Hex.PREFIXED.format(Integer.toUnsignedLong(message.data())))
        : answer.put("blocked", true);
  }
}
