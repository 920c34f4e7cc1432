package org.ioasis.shell.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.shell.text.Json;

/**
 * What the demonstration shows of the captures beside it.
 *
 * @param replays the captures to replay
 * @param stories the requests to explain
 */
record Script(List<Replay> replays, List<Story> stories) {
  private static final String FILE = "demo.json";

  /**
   * A capture to replay.
   *
   * @param capture its folder
   * @param kind the kind of hardware it is of, as its registers say
   * @param about what is in it
   */
  record Replay(Path capture, String kind, String about) {}

  /**
   * A request to explain.
   *
   * @param title the heading
   * @param about what happens
   * @param capture the folder
   * @param kind the kind of hardware
   * @param arguments of the explaining command, after the folder
   * @param structures how many structures decide it, known from the recorded tables
   * @param result what the last line must begin with, known from the recorded answers
   */
  record Story(
      String title,
      String about,
      Path capture,
      String kind,
      List<String> arguments,
      int structures,
      String result) {}

  /**
   * Reads the script of a folder of captures.
   *
   * @throws IoasisException NOT_FOUND or MALFORMED, naming the file
   */
  static Script read(Path folder) {
    JsonNode root = Json.read(folder.resolve(FILE));
    return new Script(
        stream(root.path("replays")).map(node -> replay(folder, node)).toList(),
        stream(root.path("stories")).map(node -> story(folder, node)).toList());
  }

  private static Replay replay(Path folder, JsonNode node) {
    Path capture = capture(folder, node);
    return new Replay(capture, kind(capture), text(node, "about"));
  }

  private static Story story(Path folder, JsonNode node) {
    Path capture = capture(folder, node);
    return new Story(
        text(node, "title"),
        text(node, "about"),
        capture,
        kind(capture),
        stream(node.path("arguments")).map(JsonNode::asText).toList(),
        node.path("structures").asInt(),
        text(node, "result"));
  }

  private static Path capture(Path folder, JsonNode node) {
    Path capture = folder.resolve(text(node, "capture"));
    if (!Files.isDirectory(capture)) {
      throw new IoasisException(
          Reason.NOT_FOUND, "%s is missing, which %s names".formatted(capture, FILE));
    }
    return capture;
  }

  private static String kind(Path capture) {
    return text(Json.read(capture.resolve("registers.json")), "kind");
  }

  private static String text(JsonNode node, String key) {
    if (!node.path(key).isTextual()) {
      throw new IoasisException(
          Reason.MALFORMED, "%s: an entry has no text %s".formatted(FILE, key));
    }
    return node.path(key).asText();
  }

  private static Stream<JsonNode> stream(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false);
  }
}
