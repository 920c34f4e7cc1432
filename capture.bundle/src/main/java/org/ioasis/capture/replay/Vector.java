package org.ioasis.capture.replay;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.capture.file.Json;
import org.ioasis.capture.file.Numbers;

/**
 * One vector: a machine's first memory and the steps to take.
 *
 * @param id its name
 * @param vendor kind of hardware
 * @param configuration name of the hardware configuration
 * @param memory first words by address
 * @param steps in order
 * @param memoryAfter words that the unit changed, by address; null if the vector does not say
 * @param json the vector as it was read
 */
record Vector(
    String id,
    String vendor,
    String configuration,
    Map<Long, Long> memory,
    List<Step> steps,
    Map<Long, Long> memoryAfter,
    ObjectNode json) {
  /** What a step does. */
  enum Op {
    /** Software writes registers. */
    MMIO,
    /** Software reads registers. */
    MMIO_R,
    /** Software writes memory. */
    MEM,
    /** Software reads memory. */
    MEM_R,
    /** A device makes a request. */
    DMA
  }

  /**
   * One step.
   *
   * @param op what it does
   * @param accesses MMIO: offset, bytes, value; MMIO_R: offset, bytes; MEM: address, word; MEM_R:
   *     address; DMA: none
   * @param question of a DMA, else null
   * @param json the step as it was read
   */
  record Step(Op op, List<long[]> accesses, Question question, ObjectNode json) {
    /** The recorded outcome, or null if the file has none. */
    JsonNode out() {
      return json.get("out");
    }

    /** Whether the recorded outcome is a known deviation. */
    boolean deviates() {
      return json.has("dev");
    }
  }

  /**
   * Reads a vector.
   *
   * @throws IoasisException INVALID naming the step and the key that is wrong
   */
  static Vector of(ObjectNode json) {
    JsonNode steps = json.get("steps");
    if (steps == null || !steps.isArray()) {
      throw invalid("'steps' must be a list");
    }
    List<Step> list = new ArrayList<>();
    for (JsonNode step : steps) {
      try {
        list.add(step(step));
      } catch (IoasisException e) {
        throw invalid("step %d: %s".formatted(list.size(), e.getMessage()));
      }
    }
    return new Vector(
        text(json, "id"),
        text(json, "vendor"),
        text(json, "cfg"),
        words(json.get("mem"), "mem"),
        list,
        json.has("mem_after") ? words(json.get("mem_after"), "mem_after") : null,
        json);
  }

  private static Step step(JsonNode node) {
    if (!(node instanceof ObjectNode json)) {
      throw invalid("it is no object");
    }
    String op = text(json, "op");
    return switch (op) {
      case "mmio" -> new Step(Op.MMIO, tuples(json.get("w"), "w", 3), null, json);
      case "mmio_r" -> new Step(Op.MMIO_R, tuples(json.get("r"), "r", 2), null, json);
      case "mem" -> {
        List<long[]> stores = new ArrayList<>();
        words(json.get("w"), "w").forEach((at, word) -> stores.add(new long[] {at, word}));
        yield new Step(Op.MEM, stores, null, json);
      }
      case "mem_r" -> new Step(Op.MEM_R, tuples(json.get("r"), "r", 1), null, json);
      case "dma" -> {
        JsonNode out = json.get("out");
        if (out != null && !out.path("class").isTextual()) {
          throw invalid("'out' must be an object with a 'class'");
        }
        yield new Step(Op.DMA, List.of(), question(json), json);
      }
      default -> throw invalid("unknown op '%s'".formatted(op));
    };
  }

  private static Question question(ObjectNode json) {
    int access = Numbers.access(text(json, "dir"));
    int source = Numbers.sourceId(Numbers.of(json.get("sid"), "sid"));
    long iova = Numbers.of(json.get("iova"), "iova");
    JsonNode pasid = json.get("pasid");
    return new Question(
        source,
        pasid == null || pasid.isNull()
            ? org.ioasis.api.machine.DmaRequest.NO_PASID
            : Numbers.pasid(Numbers.of(pasid, "pasid")),
        iova,
        access);
  }

  /** Lists of numbers; with a width of 1 the numbers may stand without a list around each. */
  private static List<long[]> tuples(JsonNode list, String key, int width) {
    if (list == null || !list.isArray()) {
      throw invalid("'%s' must be a list".formatted(key));
    }
    List<long[]> tuples = new ArrayList<>();
    for (JsonNode element : list) {
      long[] tuple = new long[width];
      if (width == 1) {
        tuple[0] = aligned(Numbers.of(element, key));
      } else {
        if (element.size() != width) {
          throw invalid("each of '%s' must have %d elements".formatted(key, width));
        }
        for (int i = 0; i < width; i++) {
          tuple[i] = Numbers.of(element.get(i), key);
        }
        if (tuple[1] != 4 && tuple[1] != 8) {
          throw invalid("a register access has 4 or 8 bytes, not %d".formatted(tuple[1]));
        }
      }
      tuples.add(tuple);
    }
    return tuples;
  }

  private static Map<Long, Long> words(JsonNode node, String key) {
    if (node == null) {
      return Map.of();
    }
    if (!(node instanceof ObjectNode object)) {
      throw invalid("'%s' must be an object of words by address".formatted(key));
    }
    Map<Long, Long> words = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> word : object.properties()) {
      words.put(aligned(Numbers.hex(word.getKey())), Numbers.of(word.getValue(), key));
    }
    return words;
  }

  private static long aligned(long address) {
    if ((address & 7) != 0) {
      throw invalid("address 0x%x is not a multiple of 8".formatted(address));
    }
    return address;
  }

  private static String text(ObjectNode json, String key) {
    JsonNode value = json.get(key);
    if (value == null || !value.isTextual()) {
      throw invalid("'%s' must be a string".formatted(key));
    }
    return value.textValue();
  }

  static IoasisException invalid(String rule) {
    return new IoasisException(Reason.INVALID, rule);
  }

  /** {@code {address: word}} as the file writes it. */
  static ObjectNode object(Map<Long, Long> words) {
    ObjectNode object = Json.object();
    words.forEach(
        (address, word) -> object.put(Json.Hex.BARE.format(address), Json.Hex.BARE.format(word)));
    return object;
  }
}
