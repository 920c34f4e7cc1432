package org.ioasis.vtd.hardware;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.ioasis.api.explain.Step;
import org.ioasis.api.inspect.Answer;
import org.ioasis.api.memory.MemoryStatus;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.kit.layout.Layout;
import org.ioasis.vtd.format.FaultReason;

/**
 * What the reference walk has read and decided so far.
 *
 * <p><b>Threading:</b> confined to one walk.
 */
final class Story {
  /** Fields that hardware ignores are told only where software uses them. */
  private static final String IGNORED = "IGN_";

  private final PhysicalMemory memory;
  private final List<Step> steps = new ArrayList<>();
  private final Map<Long, Long> marks = new HashMap<>();
  private boolean faultProcessingDisabled;
  private String check = "";
  private FaultReason reason;
  private Binding binding;

  Story(PhysicalMemory memory) {
    this.memory = memory;
  }

  /**
   * Reads one structure and notes it as a step.
   *
   * @param name the specification's name with its place
   * @return its words, or null if memory is absent or poisoned there
   */
  long[] read(String name, Layout layout, long address) {
    long[] words = readWords(address, layout.words());
    if (words != null) {
      note(name, layout, address, words);
    }
    return words;
  }

  /** Reads words without a step; null if memory is absent or poisoned there. */
  long[] readWords(long address, int count) {
    if (memory.status(address, count * 8L) != MemoryStatus.OK) {
      return null;
    }
    long[] words = new long[count];
    for (int word = 0; word < count; word++) {
      long at = address + word * 8L;
      Long marked = marks.get(at);
      words[word] = marked == null ? memory.load64(at) : marked;
    }
    return words;
  }

  /**
   * Notes that the walk would set bits in an entry, and reads it so from now on.
   *
   * @param word the entry with them
   */
  void mark(long address, long word) {
    marks.put(address, word);
  }

  /** The words that the walk would change, by address. */
  Map<Long, Long> marks() {
    return marks;
  }

  /** Notes a structure that has been read. */
  void note(String name, Layout layout, long address, long[] words) {
    List<Long> raw = new ArrayList<>();
    for (long word : words) {
      raw.add(word);
    }
    List<Step.FieldValue> fields =
        layout.describe(words).stream()
            .filter(field -> !field.name().startsWith(IGNORED) || field.value() != 0)
            .map(field -> new Step.FieldValue(field.name(), field.text()))
            .toList();
    steps.add(new Step(name, address, raw, fields));
  }

  /** From here qualified faults are suppressed if {@code fpd}. */
  void qualify(boolean fpd) {
    faultProcessingDisabled |= fpd;
  }

  /** Notes what the request translates with. */
  void tag(Binding found) {
    binding = found;
  }

  /** Ends in a fault: recorded, or blocked if FPD suppresses it. */
  Answer fault(FaultReason why, String deciding) {
    reason = why;
    check = why.label + ": " + deciding;
    return Access.isSuppressed(why.code, faultProcessingDisabled)
        ? Answer.blocked(why.code)
        : Answer.fault(why.code);
  }

  /** Ends without a record and without a number. */
  Answer abort(String deciding) {
    check = deciding;
    return Answer.blocked(0);
  }

  /** Ends in a translation. */
  Answer ok(long address, int pageLg2, int rights, String deciding) {
    check = deciding;
    return Answer.ok(address, pageLg2, rights);
  }

  List<Step> steps() {
    return steps;
  }

  /** The check that decided. */
  String check() {
    return check;
  }

  /** The fault, or null. */
  FaultReason reason() {
    return reason;
  }

  /** What the request translates with; null if the walk did not get that far. */
  Binding binding() {
    return binding;
  }
}
