package org.ioasis.capture.file;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.ioasis.api.IoasisException;
import org.ioasis.api.inspect.Row;

/** JSON in and out: strict parsing of one object, and {@link Row}s as the files write them. */
public final class Json {
  /** The one cell of a row that stands for a list of words inside a list. */
  public static final String WORDS = "words";

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /** How hexadecimal strings begin in a family of files. */
  public enum Hex {
    /** {@code 0x1f}, as in captures. */
    PREFIXED("0x"),
    /** {@code 1f}, as in vectors. */
    BARE("");

    private final String prefix;

    Hex(String prefix) {
      this.prefix = prefix;
    }

    /** A number in this style, lower case. */
    public String format(long value) {
      return prefix + Long.toHexString(value);
    }
  }

  private Json() {}

  /** The mapper, for writers. */
  public static JsonMapper mapper() {
    return MAPPER;
  }

  /** An empty object. */
  public static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  /**
   * Parses one JSON object.
   *
   * @param bytes holds it
   * @param length bytes of it
   * @param file for messages
   * @param place for messages
   * @throws IoasisException MALFORMED unless it is exactly one object with distinct keys
   */
  public static ObjectNode parse(byte[] bytes, int length, String file, String place) {
    JsonNode node;
    try {
      node = MAPPER.readTree(bytes, 0, length);
    } catch (JsonProcessingException e) {
      throw Broken.malformed(
          file, place, "not JSON: " + Broken.oneLine(String.valueOf(e.getOriginalMessage())));
    } catch (IOException e) {
      throw Broken.unreadable(file, place, e);
    }
    if (node instanceof ObjectNode object) {
      return object;
    }
    throw Broken.malformed(file, place, "a JSON object is needed");
  }

  /** Writes a node on one line. */
  public static String line(JsonNode node) {
    return node.toString();
  }

  /** The row of an object: numbers become NUMBER cells, strings TEXT cells. */
  public static Row row(ObjectNode object) {
    Row row = new Row();
    for (Map.Entry<String, JsonNode> field : object.properties()) {
      cell(row, field.getKey(), field.getValue());
    }
    return row;
  }

  private static void cell(Row row, String key, JsonNode value) {
    if (value.isNull()) {
      row.nothing(key);
    } else if (value.isBoolean()) {
      row.flag(key, value.booleanValue());
    } else if (value.isIntegralNumber() && value.canConvertToLong()) {
      row.number(key, value.longValue());
    } else if (value instanceof ObjectNode object) {
      row.rows(key, List.of(row(object)));
    } else if (value instanceof ArrayNode array) {
      list(row, key, array);
    } else {
      row.text(key, value.asText());
    }
  }

  /** A list of words or of rows; a list of anything else has no place in a row and is left out. */
  private static void list(Row row, String key, ArrayNode array) {
    List<Long> words = words(array);
    if (words != null) {
      row.words(key, words);
      return;
    }
    List<Row> rows = new ArrayList<>();
    for (JsonNode element : array) {
      List<Long> inner = element instanceof ArrayNode list ? words(list) : null;
      if (inner != null) {
        rows.add(new Row().words(WORDS, inner));
      } else if (element instanceof ObjectNode object) {
        rows.add(row(object));
      } else {
        return;
      }
    }
    row.rows(key, rows);
  }

  private static List<Long> words(ArrayNode array) {
    List<Long> words = new ArrayList<>();
    for (JsonNode element : array) {
      if (!element.isTextual() || !Numbers.isHex(element.textValue())) {
        return null;
      }
      words.add(Numbers.hex(element.textValue()));
    }
    return words;
  }

  /** The object of a row, numbers written as the cells' kinds say. */
  public static ObjectNode object(Row row, Hex style) {
    ObjectNode object = object();
    row.cells().forEach((key, cell) -> put(object, key, cell, style));
    return object;
  }

  private static void put(ObjectNode object, String key, Row.Cell cell, Hex style) {
    switch (cell.kind()) {
      case HEX -> object.put(key, style.format((Long) cell.value()));
      case NUMBER -> object.put(key, (Long) cell.value());
      case FLAG -> object.put(key, (Boolean) cell.value());
      case TEXT -> object.put(key, (String) cell.value());
      case NOTHING -> object.putNull(key);
      case WORDS -> object.set(key, words((List<?>) cell.value(), style));
      case ROWS -> {
        ArrayNode array = object.putArray(key);
        for (Object inner : (List<?>) cell.value()) {
          array.add(element((Row) inner, style));
        }
      }
    }
  }

  private static JsonNode element(Row row, Hex style) {
    Row.Cell only = row.cells().size() == 1 ? row.cells().get(WORDS) : null;
    return only != null && only.kind() == Row.Kind.WORDS
        ? words((List<?>) only.value(), style)
        : object(row, style);
  }

  private static ArrayNode words(List<?> words, Hex style) {
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    words.forEach(word -> array.add(style.format((Long) word)));
    return array;
  }
}
