package org.ioasis.capture.file;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.state.RegisterDictionary;
import org.ioasis.api.state.RegisterValue;

/** Registers that people type: {@code NAME=VALUE}, one by one or in a file of such lines. */
public final class TypedRegisters {
  private static final int MOST_BYTES = 1 << 20;

  private TypedRegisters() {}

  /**
   * One register.
   *
   * @param assignment {@code NAME=VALUE}
   * @param dictionary the names of the kind
   * @throws IoasisException INVALID or NOT_FOUND, naming the rule and the known names
   */
  public static RegisterValue parse(String assignment, RegisterDictionary dictionary) {
    int equals = assignment.indexOf('=');
    if (equals <= 0) {
      throw new IoasisException(
          Reason.INVALID,
          "register '%s' is not of the form NAME=VALUE".formatted(Numbers.shortened(assignment)));
    }
    String name = assignment.substring(0, equals).strip();
    RegisterDictionary.Description description =
        dictionary.find(name).orElseThrow(() -> unknown(name, dictionary));
    long value = Numbers.typed(assignment.substring(equals + 1).strip());
    try {
      return CaptureRegisters.value(
          description.name(), description.offset(), description.bytes(), value);
    } catch (IoasisException e) {
      throw new IoasisException(
          e.reason(), "register %s: %s".formatted(description.name(), e.getMessage()), e);
    }
  }

  private static IoasisException unknown(String name, RegisterDictionary dictionary) {
    String known =
        dictionary.all().stream()
            .map(RegisterDictionary.Description::name)
            .collect(Collectors.joining(" "));
    return new IoasisException(
        Reason.NOT_FOUND,
        "register '%s' is unknown; known are %s".formatted(Numbers.shortened(name), known));
  }

  /** Whether a file of registers is JSON and so of the kind of {@code registers.json}. */
  public static boolean isJson(Path file) {
    return text(file).stripLeading().startsWith("{");
  }

  /** The registers of a file of {@code NAME=VALUE} lines; {@code #} begins a remark. */
  public static List<RegisterValue> read(Path file, RegisterDictionary dictionary) {
    List<RegisterValue> registers = new ArrayList<>();
    int number = 0;
    for (String line : text(file).split("\n", -1)) {
      number++;
      int remark = line.indexOf('#');
      String content = (remark < 0 ? line : line.substring(0, remark)).strip();
      if (!content.isEmpty()) {
        try {
          registers.add(parse(content, dictionary));
        } catch (IoasisException e) {
          throw Broken.malformed(file.toString(), "line " + number, e.getMessage());
        }
      }
    }
    CaptureRegisters.checkDistinct(registers, file.toString());
    return registers;
  }

  /**
   * Refuses registers that are there twice.
   *
   * @param where for the message
   */
  public static void checkDistinct(List<RegisterValue> registers, String where) {
    CaptureRegisters.checkDistinct(registers, where);
  }

  private static String text(Path file) {
    try (InputStream in = Inflating.open(file)) {
      byte[] bytes = in.readNBytes(MOST_BYTES + 1);
      if (bytes.length > MOST_BYTES) {
        throw Broken.malformed(
            file.toString(),
            "",
            "larger than %d bytes, no list of registers".formatted(MOST_BYTES));
      }
      return new String(bytes, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw Inflating.refusal(file.toString(), "", e);
    }
  }

  /**
   * Registers with some of them replaced or added, by offset, in order of offset.
   *
   * @param registers what a file says
   * @param more what a person says
   */
  public static List<RegisterValue> merge(List<RegisterValue> registers, List<RegisterValue> more) {
    TreeMap<Long, RegisterValue> merged = new TreeMap<>();
    registers.forEach(register -> merged.put(register.offset(), register));
    more.forEach(register -> merged.put(register.offset(), register));
    return List.copyOf(merged.values());
  }
}
