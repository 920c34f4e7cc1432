package org.ioasis.amdvi.hardware;

import java.util.ArrayList;
import java.util.List;
import org.ioasis.amdvi.format.Control;
import org.ioasis.amdvi.format.FaultCode;
import org.ioasis.amdvi.format.RegisterMap;
import org.ioasis.amdvi.format.RingBase;
import org.ioasis.amdvi.format.RingPointer;
import org.ioasis.amdvi.format.Status;
import org.ioasis.api.inspect.Answer;
import org.ioasis.api.inspect.AnswerFormat;
import org.ioasis.api.inspect.Row;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Mmio;
import org.ioasis.api.machine.Translation;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.kit.queue.Ring;

/**
 * What a test bench beside a unit does after each request: it reads the tail of the event log and
 * what was added to it, and leaves status and head alone; only when the log is nearly full does it
 * move the head, as software would.
 */
final class AmdviBench implements AnswerFormat.Bench {
  /** Classes of outcomes in vector files. */
  static final String OK = "ok";

  static final String FAULT = "fault";
  static final String BLOCKED = "blocked";

  /** One cell of words inside a list. */
  static final String WORDS = "words";

  /** Entries that are kept free. */
  private static final int ROOM = 8;

  private final Mmio mmio;
  private final PhysicalMemory memory;
  private long tail;
  private Row outcome = new Row();

  AmdviBench(Mmio mmio, PhysicalMemory memory) {
    this.mmio = mmio;
    this.memory = memory;
  }

  /** An overflow that stands is ended as software ends it, so that events are logged. */
  @Override
  public void start() {
    long status = mmio.read64(RegisterMap.STATUS);
    if (Status.EVENT_OVERFLOW.isSet(status)) {
      long control = mmio.read64(RegisterMap.CONTROL);
      mmio.write64(RegisterMap.CONTROL, control & ~Control.EVENT_LOG_EN.mask());
      mmio.write64(RegisterMap.STATUS, Status.EVENT_OVERFLOW.mask());
      mmio.write64(RegisterMap.CONTROL, control);
    }
    tail = tail();
    makeRoom();
  }

  private long tail() {
    return RingPointer.OFFSET.get(mmio.read64(RegisterMap.EVENT_LOG_TAIL));
  }

  private Ring ring() {
    long base = mmio.read64(RegisterMap.EVENT_LOG_BASE);
    return RecordRing.shape(RingBase.isLegal(base) ? base : 0);
  }

  private void makeRoom() {
    Ring ring = ring();
    long head = RingPointer.OFFSET.get(mmio.read64(RegisterMap.EVENT_LOG_HEAD));
    if (ring.used(head, tail) > ring.capacity() - ROOM) {
      mmio.write64(RegisterMap.EVENT_LOG_HEAD, RingPointer.OFFSET.of(ring.pointer(tail)));
    }
  }

  @Override
  public Answer answer(DmaRequest request, long translation) {
    List<long[]> events = added();
    String status = Long.toHexString(mmio.read64(RegisterMap.STATUS));
    if (Translation.isPresent(translation)) {
      long address = Translation.address(translation);
      outcome =
          new Row().text("class", OK).text("status", status).text("pa", Long.toHexString(address));
      return Answer.ok(address, Translation.spanLg2(translation), request.rights());
    }
    if (events.isEmpty()) {
      outcome = new Row().text("class", BLOCKED).text("status", status);
      return Answer.blocked(request.faultCode());
    }
    List<Row> rows = new ArrayList<>();
    events.forEach(event -> rows.add(new Row().words(WORDS, List.of(event[0], event[1]))));
    outcome = new Row().text("class", FAULT).rows("events", rows).text("status", status);
    return Answer.fault(FaultCode.ofEvent(events.get(events.size() - 1)[0]));
  }

  /** The events since the last look. */
  private List<long[]> added() {
    Ring ring = ring();
    List<long[]> events = new ArrayList<>();
    long now = tail();
    long left = ring.used(tail, now);
    for (long at = tail; left > 0; at = ring.next(at), left--) {
      long address = ring.address(at);
      events.add(new long[] {memory.load64(address), memory.load64(address + 8)});
    }
    if (now != tail) {
      tail = now;
      makeRoom();
    }
    return events;
  }

  @Override
  public Row outcome() {
    return outcome;
  }
}
