package org.ioasis.capture.file;

import com.fasterxml.jackson.databind.JsonNode;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.machine.DmaRequest;

/** Numbers, device names and access words as files and people write them. */
public final class Numbers {
  private static final int HEX_DIGITS = 16;

  private Numbers() {}

  /** Whether the text is a hexadecimal number of at most 64 bits, with or without {@code 0x}. */
  public static boolean isHex(String text) {
    String digits = digits(text);
    if (digits.isEmpty()) {
      return false;
    }
    for (int i = 0; i < digits.length(); i++) {
      if (Character.digit(digits.charAt(i), 16) < 0 || digits.charAt(i) > 'f') {
        return false;
      }
    }
    return significant(digits) <= HEX_DIGITS;
  }

  /**
   * A hexadecimal number of at most 64 bits, with or without {@code 0x}.
   *
   * @throws IoasisException INVALID if it is none
   */
  public static long hex(String text) {
    if (!isHex(text)) {
      throw new IoasisException(
          Reason.INVALID,
          "'%s' is not a hexadecimal number of at most 64 bits".formatted(shortened(text)));
    }
    String digits = digits(text);
    return Long.parseUnsignedLong(digits.substring(digits.length() - significant(digits)), 16);
  }

  /** A number as people type it: {@code 0x} and hexadecimal digits, or decimal digits. */
  public static long typed(String text) {
    if (text.startsWith("0x") || text.startsWith("0X")) {
      return hex(text);
    }
    try {
      return Long.parseUnsignedLong(text);
    } catch (NumberFormatException e) {
      throw new IoasisException(
          Reason.INVALID,
          "'%s' is no number; write it as 0x1f or 31".formatted(shortened(text)),
          e);
    }
  }

  /**
   * A number in a file: a JSON number, or a hexadecimal string.
   *
   * @return the number
   * @throws IoasisException INVALID if it is missing or anything else
   */
  public static long of(JsonNode value, String key) {
    if (value == null || value.isNull()) {
      throw new IoasisException(Reason.INVALID, "'%s' is missing".formatted(key));
    }
    if (value.isIntegralNumber() && value.canConvertToLong()) {
      return value.longValue();
    }
    if (value.isTextual() && isHex(value.textValue())) {
      return hex(value.textValue());
    }
    throw new IoasisException(
        Reason.INVALID,
        "'%s' is %s, neither a number nor a hexadecimal string of at most 64 bits"
            .formatted(key, shortened(value.toString())));
  }

  /** A source id, from 0 to 2^32 - 1. */
  public static int sourceId(long value) {
    if (value < 0 || value >= 1L << 32) {
      throw new IoasisException(
          Reason.INVALID, "source id 0x%x is not 0 to 0xffffffff".formatted(value));
    }
    return (int) value;
  }

  /** A PASID, from 0 to 2^20 - 1. */
  public static int pasid(long value) {
    if (value < 0 || value >= 1L << 20) {
      throw new IoasisException(Reason.INVALID, "PASID 0x%x is not 0 to 0xfffff".formatted(value));
    }
    return (int) value;
  }

  /**
   * A device: {@code BB:DD.F}, {@code SSSS:BB:DD.F} (the segment above the 16 bits of the requester
   * id) or {@code 0xSID}.
   */
  public static int device(String text) {
    if (text.startsWith("0x") || text.startsWith("0X")) {
      return sourceId(hex(text));
    }
    java.util.regex.Matcher matcher = DEVICE.matcher(text);
    if (!matcher.matches()) {
      throw new IoasisException(
          Reason.INVALID,
          "device '%s' is none; write it as BB:DD.F, SSSS:BB:DD.F or 0xSID"
              .formatted(shortened(text)));
    }
    int segment = matcher.group(1) == null ? 0 : Integer.parseInt(matcher.group(1), 16);
    int bus = Integer.parseInt(matcher.group(2), 16);
    int device = Integer.parseInt(matcher.group(3), 16);
    int function = Integer.parseInt(matcher.group(4), 16);
    if (device >= 32) {
      throw new IoasisException(
          Reason.INVALID, "device '%s': device number 0x%x is above 0x1f".formatted(text, device));
    }
    return segment << 16 | bus << 8 | device << 3 | function;
  }

  private static final java.util.regex.Pattern DEVICE =
      java.util.regex.Pattern.compile(
          "(?:([0-9a-fA-F]{4}):)?([0-9a-fA-F]{2}):([0-9a-fA-F]{2})\\.([0-7])");

  /** The name of a source id: {@code BB:DD.F}, with the segment before it if there is one. */
  public static String deviceName(int sourceId) {
    String name =
        "%02x:%02x.%d".formatted(sourceId >>> 8 & 0xFF, sourceId >>> 3 & 0x1F, sourceId & 7);
    return sourceId >>> 16 == 0 ? name : "%04x:%s".formatted(sourceId >>> 16, name);
  }

  /** Access bits of {@code read}, {@code write}, {@code execute}, or their first letters. */
  public static int access(String text) {
    return switch (text) {
      case "read", "r", "R" -> DmaRequest.READ;
      case "write", "w", "W" -> DmaRequest.WRITE;
      case "execute", "x", "X" -> DmaRequest.READ | DmaRequest.EXECUTE;
      default ->
          throw new IoasisException(
              Reason.INVALID,
              "access '%s' is none of read, write, execute".formatted(shortened(text)));
    };
  }

  /** At most a screen line of a text that may be hostile, without control characters. */
  static String shortened(String text) {
    String line = text.replaceAll("\\p{Cntrl}", "?");
    return line.length() <= 60 ? line : line.substring(0, 57) + "...";
  }

  private static String digits(String text) {
    return text.startsWith("0x") || text.startsWith("0X") ? text.substring(2) : text;
  }

  private static int significant(String digits) {
    int zeros = 0;
    while (zeros < digits.length() - 1 && digits.charAt(zeros) == '0') {
      zeros++;
    }
    return digits.length() - zeros;
  }
}
