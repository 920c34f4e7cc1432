package org.ioasis.capture.replay;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.ioasis.api.inspect.Answer;
import org.ioasis.api.inspect.AnswerFormat;
import org.ioasis.capture.file.Json;

/** Neutral answers as objects. */
public final class Answers {
  private Answers() {}

  /**
   * Adds an answer to an object: {@code pa}, or {@code fault} with {@code name}, or {@code
   * blocked}.
   *
   * @return the object
   */
  public static ObjectNode put(ObjectNode object, Answer answer, AnswerFormat format) {
    switch (answer.kind()) {
      case OK -> object.put("pa", Json.Hex.PREFIXED.format(answer.address()));
      case FAULT, STALLED -> {
        object.put("fault", answer.faultCode()).put("name", format.faultName(answer.faultCode()));
        if (answer.kind() == Answer.Kind.STALLED) {
          object.put("stalled", true);
        }
      }
      case BLOCKED -> {
        object.put("blocked", true);
        if (answer.faultCode() != 0) {
          object.put("name", format.faultName(answer.faultCode()));
        }
      }
    }
    return object;
  }
}
