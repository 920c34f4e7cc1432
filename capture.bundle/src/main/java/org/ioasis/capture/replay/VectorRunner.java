package org.ioasis.capture.replay;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.ioasis.api.IoasisException;
import org.ioasis.api.hardware.HardwareFactory;
import org.ioasis.api.inspect.AnswerFormat;
import org.ioasis.capture.file.Json;
import org.ioasis.capture.file.JsonLines;
import org.ioasis.capture.file.Numbers;

/**
 * Runs files of vectors: scores them, or answers them.
 *
 * <p>One check is one {@code dma}, {@code mmio_r} or {@code mem_r} step that has an outcome, or one
 * {@code mem_after}. A step with a known deviation is set apart, and with it what follows where the
 * vendor says that a deviation lasts.
 */
public final class VectorRunner {
  private final Laboratory laboratory;
  private final Runnable progress;

  /**
   * @param laboratory makes the machines
   * @param progress told after every vector
   */
  public VectorRunner(Laboratory laboratory, Runnable progress) {
    this.laboratory = laboratory;
    this.progress = progress;
  }

  /** Scores every vector of a file. */
  public void score(Path file, Score score) {
    each(
        file,
        vector -> {
          List<VectorRun.Result> results = new ArrayList<>();
          HardwareFactory hardware = laboratory.hardware(vector.vendor());
          Map<Long, Long> changed = VectorRun.run(laboratory, hardware, vector, results);
          new Scoring(file.toString(), vector, hardware.answers(), score).score(results, changed);
        });
  }

  /**
   * Prints every vector of a file again with our outcomes, whether or not it has any.
   *
   * @param lines takes each vector as a line
   */
  public void answer(Path file, Consumer<String> lines) {
    each(
        file,
        vector -> {
          List<VectorRun.Result> results = new ArrayList<>();
          Map<Long, Long> changed =
              VectorRun.run(laboratory, laboratory.hardware(vector.vendor()), vector, results);
          for (int i = 0; i < results.size(); i++) {
            if (results.get(i).out() != null) {
              vector.steps().get(i).json().set("out", results.get(i).out());
            }
          }
          if (changed.isEmpty()) {
            vector.json().remove("mem_after");
          } else {
            vector.json().set("mem_after", Vector.object(changed));
          }
          lines.accept(Json.line(vector.json()));
        });
  }

  /** What is done with a vector. */
  private interface Action {
    void run(Vector vector);
  }

  private void each(Path file, Action action) {
    try (JsonLines lines = JsonLines.open(file)) {
      for (ObjectNode json = lines.next(); json != null; json = lines.next()) {
        try {
          action.run(Vector.of(json));
        } catch (IoasisException e) {
          throw lines.placed(e);
        } catch (NumberFormatException e) {
          throw lines.noNumber(e);
        }
        progress.run();
      }
    }
  }

  /** The scoring of one vector. */
  private record Scoring(String file, Vector vector, AnswerFormat answers, Score score) {
    void score(List<VectorRun.Result> results, Map<Long, Long> changed) {
      boolean apart = false;
      for (int i = 0; i < results.size(); i++) {
        Vector.Step step = vector.steps().get(i);
        if (step.out() == null || results.get(i).out() == null) {
          continue;
        }
        if (apart || step.deviates()) {
          score.setApart();
          apart |= answers.deviationsLast();
        } else {
          step(i, step, results.get(i));
        }
      }
      if (vector.memoryAfter() != null) {
        if (apart) {
          score.setApart();
        } else {
          memoryAfter(changed);
        }
      }
    }

    private void step(int index, Vector.Step step, VectorRun.Result result) {
      boolean dma = step.op() == Vector.Op.DMA;
      boolean agrees =
          dma
              ? answers.agreesWithVector(Json.row(step.json()), result.outcome())
              : equalNumbers(step.out(), result.out());
      String outcome = dma ? outcome(step.out()) : step.json().get("op").textValue();
      score.check(
          outcome,
          agrees,
          () ->
              new Mismatch(
                  file,
                  "%s step %d".formatted(vector.id(), index),
                  dma ? step.question().toString() : outcome,
                  step.out(),
                  result.out()));
    }

    private void memoryAfter(Map<Long, Long> changed) {
      score.check(
          "mem_after",
          changed.equals(vector.memoryAfter()),
          () ->
              new Mismatch(
                  file,
                  vector.id(),
                  "memory after the steps",
                  Vector.object(vector.memoryAfter()),
                  Vector.object(changed)));
    }

    /** Blocked, suppressed and aborted are one class. */
    private static String outcome(JsonNode out) {
      String word = out.path("class").asText("unknown");
      return switch (word) {
        case "blocked", "suppressed", "abort" -> "blocked";
        default -> word;
      };
    }

    private static boolean equalNumbers(JsonNode recorded, JsonNode ours) {
      if (!recorded.isArray() || recorded.size() != ours.size()) {
        return false;
      }
      for (int i = 0; i < ours.size(); i++) {
        if (Numbers.of(recorded.get(i), "out") != Numbers.of(ours.get(i), "out")) {
          return false;
        }
      }
      return true;
    }
  }
}
