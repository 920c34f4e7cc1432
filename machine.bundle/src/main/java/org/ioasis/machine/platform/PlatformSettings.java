package org.ioasis.machine.platform;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.memory.MemoryBacking;
import org.ioasis.api.memory.MemoryRegion;

/**
 * Reads the address ranges of a configuration: {@code BASE+SIZE}, each a decimal or {@code 0x}
 * number, the size also with a suffix K, M, G or T: {@code 0x100000000+2G}.
 *
 * <p><b>Threading:</b> no state.
 */
final class PlatformSettings {
  private static final String SUFFIXES = "KMGT";
  private static final int SUFFIX_LG2 = 10;

  /** An address range with inclusive end. */
  record Range(long base, long last) {}

  private PlatformSettings() {}

  /**
   * The RAM regions of a property.
   *
   * @throws IoasisException INVALID naming the property and the value that cannot be read
   */
  static List<MemoryRegion> regions(String property, String[] values) {
    List<MemoryRegion> regions = new ArrayList<>();
    for (String value : values) {
      Range range = range(property, value);
      try {
        regions.add(new MemoryRegion(range.base, range.last, MemoryBacking.ZERO));
      } catch (IllegalArgumentException e) {
        throw new IoasisException(
            Reason.INVALID, "%s: %s in \"%s\"".formatted(property, e.getMessage(), value), e);
      }
    }
    return regions;
  }

  /**
   * The range of a property.
   *
   * @throws IoasisException INVALID naming the property and the value
   */
  static Range range(String property, String value) {
    int plus = value.indexOf('+');
    try {
      if (plus > 0) {
        long base = number(value.substring(0, plus).trim());
        long size = size(value.substring(plus + 1).trim());
        if (size > 0 && base >= 0 && base + size > 0) {
          return new Range(base, base + size - 1);
        }
      }
    } catch (NumberFormatException e) {
      throw unreadable(property, value, e);
    }
    throw unreadable(property, value, null);
  }

  private static long size(String text) {
    int end = text.length() - 1;
    int suffix = end < 0 ? -1 : SUFFIXES.indexOf(text.toUpperCase(Locale.ROOT).charAt(end));
    if (suffix < 0) {
      return number(text);
    }
    long units = number(text.substring(0, end));
    long size = units << SUFFIX_LG2 * (suffix + 1);
    if (size >> SUFFIX_LG2 * (suffix + 1) != units) {
      throw new NumberFormatException(text);
    }
    return size;
  }

  private static long number(String text) {
    return Long.decode(text);
  }

  private static IoasisException unreadable(String property, String value, Exception cause) {
    return new IoasisException(
        Reason.INVALID,
        "%s: \"%s\" is not BASE+SIZE; write for example 0x0+1G".formatted(property, value),
        cause);
  }
}
