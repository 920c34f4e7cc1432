package org.ioasis.shell.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.inspect.Row;

/**
 * JSON as the commands write it: addresses and table words as hexadecimal strings, counts as
 * numbers.
 *
 * <p><b>Threading:</b> any thread.
 */
public final class Json {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private Json() {}

  /** An empty object. */
  public static ObjectNode object() {
    return NODES.objectNode();
  }

  /** An empty array. */
  public static ArrayNode array() {
    return NODES.arrayNode();
  }

  /** Prints one document, indented, and a line feed. */
  public static void print(PrintStream out, JsonNode document) {
    try {
      out.println(MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(document));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of JSON nodes cannot fail to be written", e);
    }
  }

  /**
   * Reads one document.
   *
   * @param what names the text in the message
   * @throws IoasisException MALFORMED if it is not JSON
   */
  public static JsonNode read(String what, String text) {
    try {
      return MAPPER.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IoasisException(
          Reason.MALFORMED, "%s is not JSON: %s".formatted(what, e.getOriginalMessage()), e);
    }
  }

  /**
   * Reads a file that holds one document.
   *
   * @throws IoasisException NOT_FOUND if it cannot be read, MALFORMED if it is not JSON
   */
  public static JsonNode read(Path file) {
    try {
      return read(file.toString(), Files.readString(file));
    } catch (IOException e) {
      throw new IoasisException(Reason.NOT_FOUND, "%s cannot be read".formatted(file), e);
    }
  }

  /** A row with the cells written as their kinds say. */
  public static ObjectNode of(Row row) {
    ObjectNode node = object();
    row.cells().forEach((key, cell) -> node.set(key, of(cell)));
    return node;
  }

  private static JsonNode of(Row.Cell cell) {
    return switch (cell.kind()) {
      case HEX -> NODES.textNode(hex((Long) cell.value()));
      case NUMBER -> NODES.numberNode((Long) cell.value());
      case FLAG -> NODES.booleanNode((Boolean) cell.value());
      case TEXT -> NODES.textNode((String) cell.value());
      case NOTHING -> NODES.nullNode();
      case WORDS -> {
        ArrayNode words = array();
        ((List<?>) cell.value()).forEach(word -> words.add(hex((Long) word)));
        yield words;
      }
      case ROWS -> {
        ArrayNode rows = array();
        ((List<?>) cell.value()).forEach(row -> rows.add(of((Row) row)));
        yield rows;
      }
    };
  }

  /** An address or word as people and files write it. */
  public static String hex(long value) {
    return "0x" + Long.toHexString(value);
  }

  /** A cell as one piece of text. */
  public static String text(Row.Cell cell) {
    JsonNode node = of(cell);
    return node.isValueNode() ? node.asText() : node.toString();
  }
}
