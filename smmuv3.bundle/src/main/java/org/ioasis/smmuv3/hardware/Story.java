package org.ioasis.smmuv3.hardware;

import java.util.ArrayList;
import java.util.List;
import org.ioasis.api.explain.Step;
import org.ioasis.api.inspect.Answer;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.kit.inspect.Structures;
import org.ioasis.kit.layout.Layout;
import org.ioasis.smmuv3.format.Event;
import org.ioasis.smmuv3.format.EventType;

/**
 * What the reference walk has read and decided so far.
 *
 * <p><b>Threading:</b> confined to one walk.
 */
final class Story {
  private static final String IGNORED = "IGN";

  private final PhysicalMemory memory;
  private final long addressMask;
  private final List<Step> steps = new ArrayList<>();
  private String check = "";
  private EventType event;
  private long[] record;
  private StreamEntry stream;
  private ContextEntry context;

  /**
   * An empty story.
   *
   * @param oas width of the addresses that the unit puts out, in bits
   */
  Story(PhysicalMemory memory, int oas) {
    this.memory = memory;
    this.addressMask = (1L << oas) - 1;
  }

  /**
   * Reads one structure and notes it as a step.
   *
   * @param name the specification's name with its place
   * @return its words, or null if memory is absent or poisoned there
   */
  long[] read(String name, Layout layout, long address) {
    long[] words = Structures.read(memory, address, layout.words());
    if (words != null) {
      note(name, layout, address, words);
    }
    return words;
  }

  /** Reads words without a step; null if memory is absent or poisoned there. */
  long[] words(long address, int count) {
    return Structures.read(memory, address, count);
  }

  /** Notes a structure that has been read. */
  void note(String name, Layout layout, long address, long[] words) {
    steps.add(
        Structures.step(
            name,
            layout,
            address,
            words,
            field -> field.value() != 0 || !field.name().startsWith(IGNORED)));
  }

  void found(StreamEntry entry) {
    stream = entry;
  }

  void found(ContextEntry entry) {
    context = entry;
  }

  /** Ends in an event that is recorded. */
  Answer recorded(EventType type, long[] words, String why) {
    event = type;
    check = type.name() + ": " + why;
    record = words;
    record[3] &= addressMask; // an IPA or the address of a fetch, cut as the unit writes it
    return Answer.fault(type.number);
  }

  /** Ends in an event that nobody sees. */
  Answer unrecorded(EventType type, String why) {
    event = type;
    check = type.name() + ": " + why;
    return Answer.blocked(type.number);
  }

  /** Ends in an event that is recorded, the transaction held. */
  Answer stalled(EventType type, long[] words, String why) {
    recorded(type, words, why);
    record[1] |= Event.STALL.mask();
    return Answer.stalled(type.number);
  }

  /** Ends without an event. */
  Answer blocked(String why) {
    check = why;
    return Answer.blocked(0);
  }

  /** Ends in a translation. */
  Answer ok(long address, int pageLg2, int rights, String why) {
    check = why;
    return Answer.ok(address, pageLg2, rights);
  }

  List<Step> steps() {
    return steps;
  }

  /** The check that decided. */
  String check() {
    return check;
  }

  /** The event, or null. */
  EventType event() {
    return event;
  }

  /** The record as it would be written, STAG 0; null if nothing is recorded. */
  long[] record() {
    return record;
  }

  /** The STE; null if the walk did not get that far. */
  StreamEntry stream() {
    return stream;
  }

  /** The CD; null if the walk did not get that far, or stage 1 is passed by. */
  ContextEntry context() {
    return context;
  }
}
