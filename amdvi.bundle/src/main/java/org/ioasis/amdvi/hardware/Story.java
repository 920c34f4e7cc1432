package org.ioasis.amdvi.hardware;

import java.util.ArrayList;
import java.util.List;
import org.ioasis.amdvi.format.Event;
import org.ioasis.amdvi.format.FaultCode;
import org.ioasis.api.explain.Step;
import org.ioasis.api.inspect.Answer;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.kit.inspect.Structures;
import org.ioasis.kit.layout.Layout;

/**
 * What the reference walk has read and decided so far.
 *
 * <p><b>Threading:</b> confined to one walk.
 */
final class Story {
  /** Fields that hardware ignores are told only where software uses them. */
  private static final List<String> IGNORED = List.of("IGN", "AVL");

  private final PhysicalMemory memory;
  private final List<Step> steps = new ArrayList<>();
  private String check = "";
  private DeviceEntry device;
  private int pasid = -1;
  private long event0;
  private long event1;

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
    long[] words = Structures.read(memory, address, layout.words());
    if (words != null) {
      note(name, layout, address, words);
    }
    return words;
  }

  /** Reads one word without a step; null if memory is absent or poisoned there. */
  long[] peek(long address) {
    return Structures.read(memory, address, 1);
  }

  /** Notes a structure that has been read. */
  void note(String name, Layout layout, long address, long[] words) {
    steps.add(
        Structures.step(
            name,
            layout,
            address,
            words,
            field ->
                field.value() != 0
                    || IGNORED.stream().noneMatch(ignored -> field.name().startsWith(ignored))));
  }

  /** Notes what the request is translated with. */
  void device(DeviceEntry entry) {
    device = entry;
  }

  /** Notes the PASID whose guest tables are used. */
  void guest(int usedPasid) {
    pasid = usedPasid;
  }

  /**
   * Ends with an event.
   *
   * @param word0 word 0 of the event
   * @param word1 word 1
   * @param why the check that decided
   */
  Answer fault(long word0, long word1, String why) {
    check = why;
    event0 = word0;
    event1 = word1;
    boolean quiet =
        Event.code(word0) == Event.IO_PAGE_FAULT && device != null && device.suppressAll;
    int code = FaultCode.ofEvent(word0);
    return quiet ? Answer.blocked(code) : Answer.fault(code);
  }

  /** Ends without an event. */
  Answer abort(String why) {
    check = why;
    return Answer.blocked(0);
  }

  /** Ends with an address. */
  Answer ok(long address, int spanLg2, int rights, String why) {
    check = why;
    return Answer.ok(address, spanLg2, rights);
  }

  List<Step> steps() {
    return steps;
  }

  String check() {
    return check;
  }

  /** Words of the event, 0 if there is none. */
  long event0() {
    return event0;
  }

  long event1() {
    return event1;
  }

  /** The device table entry; null if the walk did not get that far. */
  DeviceEntry device() {
    return device;
  }

  /** The PASID whose guest tables are used, -1 for none. */
  int pasid() {
    return pasid;
  }
}
