package org.ioasis.capture.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.ioasis.api.explain.Explanation;
import org.ioasis.api.explain.Step;
import org.ioasis.api.inspect.Answer;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.capture.file.Json;
import org.ioasis.capture.file.Numbers;
import org.ioasis.capture.replay.Question;

/** An explanation as lines for people and as an object for programs. */
final class Story {
  private Story() {}

  /** One line per structure, the deciding check, and the result as the last line. */
  static List<String> lines(Explanation explanation) {
    List<String> lines = new ArrayList<>();
    for (Step step : explanation.steps()) {
      String raw =
          step.raw().stream().map(Json.Hex.PREFIXED::format).collect(Collectors.joining(" "));
      String fields =
          step.fields().stream()
              .map(field -> field.name() + "=" + field.value())
              .collect(Collectors.joining(" "));
      lines.add(
          "%d. %s @0x%x = %s  %s"
              .formatted(lines.size() + 1, step.name(), step.address(), raw, fields)
              .stripTrailing());
    }
    lines.add("check: " + explanation.check());
    if (explanation.cached() != null) {
      lines.add("cached: " + words(explanation.cached(), explanation));
    }
    if (!explanation.stale().isEmpty()) {
      lines.add("stale: " + explanation.stale());
    }
    lines.add("result: " + words(explanation.result(), explanation));
    return lines;
  }

  private static String words(Answer answer, Explanation explanation) {
    return switch (answer.kind()) {
      case OK ->
          "ok pa=%s page=%s rights=%s"
              .formatted(
                  Json.Hex.PREFIXED.format(answer.address()),
                  page(answer),
                  rights(answer.rights()));
      case FAULT ->
          "fault %s (%s): %s"
              .formatted(
                  Json.Hex.PREFIXED.format(answer.faultCode()),
                  explanation.faultName(),
                  explanation.meaning());
      case BLOCKED -> "blocked: " + explanation.meaning();
      case STALLED ->
          "stalled %s (%s): %s"
              .formatted(
                  Json.Hex.PREFIXED.format(answer.faultCode()),
                  explanation.faultName(),
                  explanation.meaning());
    };
  }

  /** The same fields as {@link #lines}, after the question. */
  static ObjectNode object(Question question, Explanation explanation) {
    ObjectNode object = Json.object();
    object.put("device", Numbers.deviceName(question.sourceId()));
    object.put("sid", Integer.toUnsignedLong(question.sourceId()));
    if (question.pasid() == DmaRequest.NO_PASID) {
      object.putNull("pasid");
    } else {
      object.put("pasid", question.pasid());
    }
    object.put("iova", Json.Hex.PREFIXED.format(question.iova()));
    object.put("access", rights(question.access()));
    ArrayNode steps = object.putArray("steps");
    for (Step step : explanation.steps()) {
      ObjectNode entry = steps.addObject();
      entry.put("n", steps.size());
      entry.put("name", step.name());
      entry.put("address", Json.Hex.PREFIXED.format(step.address()));
      ArrayNode raw = entry.putArray("raw");
      step.raw().forEach(word -> raw.add(Json.Hex.PREFIXED.format(word)));
      ObjectNode fields = entry.putObject("fields");
      step.fields().forEach(field -> fields.put(field.name(), field.value()));
    }
    object.put("check", explanation.check());
    if (explanation.cached() != null) {
      object.set("cached", result(explanation.cached(), explanation));
    }
    if (!explanation.stale().isEmpty()) {
      object.put("stale", explanation.stale());
    }
    object.set("result", result(explanation.result(), explanation));
    return object;
  }

  private static ObjectNode result(Answer answer, Explanation explanation) {
    ObjectNode result = Json.object();
    switch (answer.kind()) {
      case OK ->
          result
              .put("class", "ok")
              .put("pa", Json.Hex.PREFIXED.format(answer.address()))
              .put("page", page(answer))
              .put("rights", rights(answer.rights()));
      case FAULT, STALLED ->
          result
              .put("class", answer.kind() == Answer.Kind.FAULT ? "fault" : "stalled")
              .put("fault", answer.faultCode())
              .put("code", Json.Hex.PREFIXED.format(answer.faultCode()))
              .put("name", explanation.faultName())
              .put("meaning", explanation.meaning());
      case BLOCKED -> result.put("class", "blocked").put("why", explanation.meaning());
    }
    return result;
  }

  private static String page(Answer answer) {
    return answer.pageLg2() < Long.SIZE
        ? Json.Hex.PREFIXED.format(1L << answer.pageLg2())
        : "2^" + answer.pageLg2();
  }

  private static String rights(int bits) {
    return ((bits & DmaRequest.READ) != 0 ? "r" : "")
        + ((bits & DmaRequest.WRITE) != 0 ? "w" : "")
        + ((bits & DmaRequest.EXECUTE) != 0 ? "x" : "")
        + ((bits & DmaRequest.PRIVILEGED_ONLY) != 0 ? "p" : "");
  }
}
