package org.ioasis.capture.file;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.state.RegisterValue;

/**
 * What a {@code registers.json} says.
 *
 * @param kind which vendor's hardware it was
 * @param mmioBase where the register block was; 0 if the file does not say
 * @param ram RAM in order of address; empty if the file does not say
 * @param registers in the order of the file, distinct
 */
public record CaptureRegisters(
    String kind, long mmioBase, List<Range> ram, List<RegisterValue> registers) {
  /** The file's name in a capture folder. */
  public static final String FILE = "registers.json";

  private static final int MOST_BYTES = 1 << 24;
  private static final long PAGE_MASK = 0xFFF;

  /** Reads a file. */
  public static CaptureRegisters read(Path file) {
    return of(parse(file), file.toString());
  }

  /** Reads the object of a file. */
  static CaptureRegisters of(ObjectNode root, String name) {
    JsonNode kind = root.get("kind");
    if (kind == null || !kind.isTextual() || kind.textValue().isBlank()) {
      throw Broken.malformed(name, "'kind'", "the kind of hardware is needed, as a string");
    }
    try {
      long base = root.has("mmio_base") ? Numbers.of(root.get("mmio_base"), "mmio_base") : 0;
      return new CaptureRegisters(
          kind.textValue(), base, ram(root, name), registers(root.get("registers"), name));
    } catch (IoasisException e) {
      throw e.reason() == Reason.INVALID ? Broken.malformed(name, "", e.getMessage()) : e;
    }
  }

  static ObjectNode parse(Path file) {
    String name = file.toString();
    try (InputStream in = Inflating.open(file)) {
      byte[] bytes = in.readNBytes(MOST_BYTES + 1);
      if (bytes.length > MOST_BYTES) {
        throw Broken.malformed(
            name, "", "larger than %d bytes, this is no list of registers".formatted(MOST_BYTES));
      }
      return Json.parse(bytes, bytes.length, name, "");
    } catch (IOException e) {
      throw Inflating.refusal(name, "", e);
    }
  }

  private static List<Range> ram(ObjectNode root, String name) {
    JsonNode segments = root.get("ram_segments");
    List<Range> ram = new ArrayList<>();
    if (segments == null || segments.isNull()) {
      return ram;
    }
    if (!segments.isArray()) {
      throw Broken.malformed(name, "'ram_segments'", "a list of [base, size] is needed");
    }
    for (JsonNode segment : segments) {
      if (!segment.isArray() || segment.size() != 2) {
        throw Broken.malformed(name, "'ram_segments'", "each must be [base, size]");
      }
      long base = Numbers.of(segment.get(0), "base");
      long size = Numbers.of(segment.get(1), "size");
      boolean aligned = ((base | size) & PAGE_MASK) == 0;
      if (!aligned || size == 0 || !ElfCore.fits(base, size, 1L << ElfCore.ADDRESS_BITS)) {
        throw Broken.malformed(
            name,
            "'ram_segments'",
            "[0x%x, 0x%x] must be whole 4 KiB pages below 2^%d"
                .formatted(base, size, ElfCore.ADDRESS_BITS));
      }
      ram.add(new Range(base, base + size - 1));
    }
    ram.sort(Comparator.comparingLong(Range::base));
    for (int i = 1; i < ram.size(); i++) {
      if (ram.get(i).base() <= ram.get(i - 1).last()) {
        throw Broken.malformed(
            name, "'ram_segments'", "%s and %s overlap".formatted(ram.get(i - 1), ram.get(i)));
      }
    }
    return ram;
  }

  private static List<RegisterValue> registers(JsonNode list, String name) {
    if (list == null || !list.isArray()) {
      throw Broken.malformed(
          name, "'registers'", "a list of {name, offset, size, value} is needed");
    }
    List<RegisterValue> registers = new ArrayList<>();
    for (JsonNode entry : list) {
      registers.add(register(entry, name, registers.size()));
    }
    checkDistinct(registers, name);
    return registers;
  }

  private static RegisterValue register(JsonNode entry, String name, int index) {
    JsonNode label = entry.get("name");
    if (label == null || !label.isTextual()) {
      throw Broken.malformed(name, "register %d".formatted(index), "it has no name");
    }
    String place = "register " + Numbers.shortened(label.textValue());
    try {
      return value(
          label.textValue(),
          Numbers.of(entry.get("offset"), "offset"),
          Numbers.of(entry.get("size"), "size"),
          Numbers.of(entry.get("value"), "value"));
    } catch (IoasisException e) {
      throw Broken.malformed(name, place, e.getMessage());
    }
  }

  /**
   * A register from numbers that may be anything.
   *
   * @throws IoasisException INVALID if width, alignment or value do not fit
   */
  static RegisterValue value(String name, long offset, long bytes, long value) {
    if (bytes != 4 && bytes != 8) {
      throw new IoasisException(Reason.INVALID, "size %d is neither 4 nor 8".formatted(bytes));
    }
    if (offset < 0 || (offset & 3) != 0) {
      throw new IoasisException(
          Reason.INVALID, "offset 0x%x is not a multiple of 4".formatted(offset));
    }
    if (bytes == 4 && value >>> 32 != 0) {
      throw new IoasisException(Reason.INVALID, "value 0x%x does not fit 4 bytes".formatted(value));
    }
    return new RegisterValue(name, offset, (int) bytes, value);
  }

  /** No name and no byte of the block may be there twice. */
  static void checkDistinct(List<RegisterValue> registers, String file) {
    Set<String> names = new HashSet<>();
    Set<Long> dwords = new HashSet<>();
    for (RegisterValue register : registers) {
      boolean fresh = names.add(register.name().toUpperCase(Locale.ROOT));
      for (int at = 0; at < register.bytes(); at += 4) {
        fresh &= dwords.add(register.offset() + at);
      }
      if (!fresh) {
        throw Broken.malformed(
            file,
            "register " + Numbers.shortened(register.name()),
            "name or offset 0x%x is there twice; keep one".formatted(register.offset()));
      }
    }
  }
}
