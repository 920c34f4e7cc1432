package org.ioasis.smmuv3.hardware;

import java.util.ArrayDeque;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.ioasis.kit.queue.ProducerRing;
import org.ioasis.kit.queue.Ring;
import org.ioasis.kit.registers.RegisterFile;
import org.ioasis.smmuv3.format.Cr0;
import org.ioasis.smmuv3.format.Gerror;
import org.ioasis.smmuv3.format.IrqCtrl;
import org.ioasis.smmuv3.format.QueueBase;
import org.ioasis.smmuv3.format.QueuePointer;
import org.ioasis.smmuv3.format.RegisterMap;

/**
 * The event queue. "Event queue", "Recording of events", "Event queue overflow".
 *
 * <p>It takes a record while EVENTQEN=1, it is not full and EVENTQ_ABT_ERR is not active. Records
 * of terminated transactions are lost otherwise; that is an overflow only when the queue is full.
 * Records of stalled transactions wait until it takes them again. Records are never merged, which
 * the architecture allows.
 *
 * <p><b>Threading:</b> everything under the unit's lock, but for the counters.
 */
final class EventQueue {
  private static final int WORDS = 4;

  private final UnitCore core;
  private final RegisterFile<SmmuUnit> registers;
  private final ProducerRing producer;

  /** Records of stalled transactions that wait, in order. */
  private final ArrayDeque<StallTable.Stall> waiting = new ArrayDeque<>();

  private Ring ring;

  private final AtomicLong recorded = new AtomicLong();
  private final AtomicLong lost = new AtomicLong();
  private final AtomicLong overflows = new AtomicLong();

  EventQueue(UnitCore core) {
    this.core = core;
    this.registers = core.registers;
    this.producer = new ProducerRing(core.environment.memory());
    restart();
  }

  /** Takes the base register; at EVENTQEN and after an import. */
  void restart() {
    long base = registers.peek(RegisterMap.EVENTQ_BASE);
    int lg2 = QueueBase.entriesLg2(base, core.capabilities.eventQueueLg2());
    long address = core.truncated(QueueBase.address(base, lg2, QueueBase.EVENT_LG2));
    ring = new Ring(address, lg2, QueueBase.EVENT_LG2, true);
  }

  /** EVENTQEN, EVENTQ_CONS or GERRORN changed: what waits may be taken now. */
  void flush() {
    while (!waiting.isEmpty() && isWritable()) {
      StallTable.Stall stall = waiting.peek();
      if (!store(stall.record)) {
        return;
      }
      stall.visible = true;
      waiting.remove();
    }
  }

  private boolean isEnabled() {
    return Cr0.EVENTQEN.isSet(registers.peek(RegisterMap.CR0));
  }

  private boolean isFull() {
    return ring.isFull(
        registers.peek(RegisterMap.EVENTQ_CONS), registers.peek(RegisterMap.EVENTQ_PROD));
  }

  private boolean isWritable() {
    return isEnabled() && !core.isActive(Gerror.EVENTQ_ABT_ERR.mask()) && !isFull();
  }

  /** Records a transaction that has ended. */
  void record(long[] record) {
    if (isWritable() && store(record)) {
      return;
    }
    lost.incrementAndGet();
    if (isEnabled() && !core.isActive(Gerror.EVENTQ_ABT_ERR.mask()) && isFull()) {
      overflow();
    }
  }

  /** Records a transaction that is held, now or when the queue takes it. */
  void recordStall(StallTable.Stall stall) {
    if (waiting.isEmpty() && isWritable() && store(stall.record)) {
      stall.visible = true;
    } else {
      waiting.add(stall);
    }
  }

  /** The stall ends before its record was written: it never will be. */
  void forget(StallTable.Stall stall) {
    waiting.remove(stall);
  }

  private void overflow() {
    long prod = registers.peek(RegisterMap.EVENTQ_PROD);
    long cons = registers.peek(RegisterMap.EVENTQ_CONS);
    if (!QueuePointer.OVERFLOW.isSet(prod ^ cons)) {
      registers.poke(RegisterMap.EVENTQ_PROD, prod ^ QueuePointer.OVERFLOW.mask());
      overflows.incrementAndGet();
    }
  }

  private boolean store(long[] record) {
    assert record.length == WORDS : "an event has four words";
    long prod = registers.peek(RegisterMap.EVENTQ_PROD);
    long cons = registers.peek(RegisterMap.EVENTQ_CONS);
    boolean wasEmpty = ring.isEmpty(cons, prod);
    switch (producer.put(ring, cons, prod, record)) {
      case STORED -> {
        long flag = prod & QueuePointer.OVERFLOW.mask();
        registers.poke(RegisterMap.EVENTQ_PROD, ring.next(prod) | flag);
        recorded.incrementAndGet();
        if (wasEmpty && core.isInterrupting(IrqCtrl.EVENTQ_IRQEN.mask())) {
          core.later(UnitCore.EVENT_MESSAGE);
        }
        return true;
      }
      case BUS_ERROR -> {
        core.raise(Gerror.EVENTQ_ABT_ERR.mask());
        return false;
      }
      default -> {
        return false;
      }
    }
  }

  /** Drops what waits; with a reset or an import. */
  void clear() {
    waiting.clear();
    restart();
  }

  /** Records that wait; for tools. */
  int waiting() {
    return waiting.size();
  }

  /** Adds the counters. */
  void count(Map<String, Long> counters) {
    counters.put("events.recorded", recorded.get());
    counters.put("events.lost", lost.get());
    counters.put("events.overflows", overflows.get());
  }
}
