package org.ioasis.capture.replay;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * Two answers that differ.
 *
 * @param file where the recorded one stands
 * @param place line, or vector and step
 * @param question what was asked, in words
 * @param expected the recorded answer
 * @param ours our answer
 */
public record Mismatch(
    String file, String place, String question, JsonNode expected, JsonNode ours) {
  /** One line with both answers. */
  public String line() {
    return "%s: %s: %s: recorded %s, ours %s".formatted(file, place, question, expected, ours);
  }
}
