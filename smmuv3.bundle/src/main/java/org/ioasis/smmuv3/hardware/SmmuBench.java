package org.ioasis.smmuv3.hardware;

import java.util.ArrayList;
import java.util.List;
import org.ioasis.api.inspect.Answer;
import org.ioasis.api.inspect.AnswerFormat;
import org.ioasis.api.inspect.Row;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Mmio;
import org.ioasis.api.machine.Translation;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.smmuv3.format.Cr0;
import org.ioasis.smmuv3.format.Event;
import org.ioasis.smmuv3.format.EventType;
import org.ioasis.smmuv3.format.QueueBase;
import org.ioasis.smmuv3.format.QueuePointer;
import org.ioasis.smmuv3.format.RegisterMap;

/**
 * What a test bench beside a unit does after each request: it reads new event records by way of
 * EVENTQ_PROD, as software would, and sets EVENTQ_CONS to it.
 */
final class SmmuBench implements AnswerFormat.Bench {
  /** Classes of outcomes in vector files. */
  static final String OK = "ok";

  static final String FAULT = "fault";
  static final String ABORT = "abort";

  /** More records than one request ever leaves. */
  private static final int MOST_RECORDS = 16;

  private final Mmio mmio;
  private final PhysicalMemory memory;
  private Row outcome = new Row();

  SmmuBench(Mmio mmio, PhysicalMemory memory) {
    this.mmio = mmio;
    this.memory = memory;
  }

  @Override
  public void start() {
    consume();
  }

  private void consume() {
    mmio.write32(RegisterMap.EVENTQ_CONS, mmio.read32(RegisterMap.EVENTQ_PROD));
  }

  @Override
  public Answer answer(DmaRequest request, long translation) {
    List<List<Long>> records = records();
    consume();
    if (Translation.isPresent(translation)) {
      // Without translation the output is the input, whose upper bits an answer cannot hold.
      boolean passed = !Cr0.SMMUEN.isSet(mmio.read32(RegisterMap.CR0ACK));
      long address = passed ? request.iova() : Translation.address(translation);
      outcome = new Row().text("class", OK).text("pa", Long.toHexString(address));
      return Answer.ok(address, Translation.spanLg2(translation), request.rights());
    }
    if (records.isEmpty()) {
      outcome = new Row().text("class", ABORT);
      return Answer.blocked(request.faultCode());
    }
    int number = (int) Event.NUMBER.get(records.get(0).get(0));
    EventType type = EventType.of(number);
    outcome =
        new Row()
            .text("class", FAULT)
            .text("event", type == null ? "0x%x".formatted(number) : type.name())
            .rows(
                "events", records.stream().map(words -> new Row().words("words", words)).toList());
    return Translation.refusal(translation) == Translation.Refusal.STALLED
        ? Answer.stalled(number)
        : Answer.fault(number);
  }

  private List<List<Long>> records() {
    long base = mmio.read64(RegisterMap.EVENTQ_BASE);
    int lg2 = (int) QueueBase.LOG2SIZE.get(base);
    long first = QueueBase.address(base, lg2, QueueBase.EVENT_LG2);
    long mask = (2L << lg2) - 1;
    long prod = QueuePointer.POINTER.get(mmio.read32(RegisterMap.EVENTQ_PROD)) & mask;
    long cons = QueuePointer.POINTER.get(mmio.read32(RegisterMap.EVENTQ_CONS)) & mask;
    List<List<Long>> records = new ArrayList<>();
    for (; cons != prod && records.size() < MOST_RECORDS; cons = (cons + 1) & mask) {
      List<Long> words = new ArrayList<>();
      for (int word = 0; word < Event.WORDS; word++) {
        long index = cons & (mask >>> 1);
        words.add(memory.load64(first + index * Event.BYTES + word * 8L));
      }
      records.add(words);
    }
    return records;
  }

  @Override
  public Row outcome() {
    return outcome;
  }
}
