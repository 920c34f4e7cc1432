package org.ioasis.kit.inspect;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.ioasis.api.explain.Step;
import org.ioasis.api.memory.MemoryStatus;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.kit.layout.FieldValue;
import org.ioasis.kit.layout.Layout;

/**
 * Structures out of memory, for people: never on a hot path.
 *
 * <p><b>Threading:</b> pure functions of memory.
 */
public final class Structures {
  private Structures() {}

  /**
   * Reads words.
   *
   * @return null if memory is absent or poisoned anywhere in them
   */
  public static long[] read(PhysicalMemory memory, long address, int count) {
    if (memory.status(address, count * 8L) != MemoryStatus.OK) {
      return null;
    }
    long[] words = new long[count];
    for (int word = 0; word < count; word++) {
      words[word] = memory.load64(address + word * 8L);
    }
    return words;
  }

  /**
   * One structure as a step of an explanation.
   *
   * @param name the specification's name with its place
   * @param shown which fields are told; those that do not matter here are left out
   */
  public static Step step(
      String name, Layout layout, long address, long[] words, Predicate<FieldValue> shown) {
    List<Long> raw = new ArrayList<>();
    for (long word : words) {
      raw.add(word);
    }
    List<Step.FieldValue> fields =
        layout.describe(words).stream()
            .filter(shown)
            .map(field -> new Step.FieldValue(field.name(), field.text()))
            .toList();
    return new Step(name, address, raw, fields);
  }
}
