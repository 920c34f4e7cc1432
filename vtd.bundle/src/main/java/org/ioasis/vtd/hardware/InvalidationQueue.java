package org.ioasis.vtd.hardware;

import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.ioasis.api.machine.Work;
import org.ioasis.api.memory.MemoryStatus;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.kit.registers.RegisterFile;
import org.ioasis.vtd.format.Fsts;
import org.ioasis.vtd.format.Gcmd;
import org.ioasis.vtd.format.InvalidationWait;
import org.ioasis.vtd.format.QueueRegisters;
import org.ioasis.vtd.format.RegisterMap;

/**
 * The engine of the invalidation queue. VT-d, "Queued Invalidation Interface".
 *
 * <p>Descriptors are executed one after the other. IQH names the next one to fetch; at an error it
 * stays at the culprit, FSTS.IQE and IQERCD tell, and fetching stops until software clears IQE,
 * which is what resumes it. A wait descriptor completes when every device has completed the
 * invalidations before it and every burst that was open then has ended, so its completion means
 * that nothing that was invalidated before it is in use.
 *
 * <p>When a device exceeds its time, FSTS.ITE stands, a wait under way is discarded (the head moves
 * on, no status is written, no interrupt raised) and fetching stops until software clears ITE.
 *
 * <p>Clearing QIE ends the queue between two descriptors; a wait under way is given up, QIES falls
 * and IQH returns to 0.
 *
 * <p><b>Threading:</b> one turn at a time, by the scheduler. The fields that register writes touch
 * are guarded by the unit's lock; memory is accessed without it.
 */
final class InvalidationQueue implements Work {
  private final UnitCore core;
  private final RegisterFile<VtdUnit> registers;
  private final PhysicalMemory memory;
  private final DescriptorExecutor executor;
  private final DeviceDescriptors devices;

  // Guarded by the unit's lock.
  private boolean enabled;
  private boolean busy;
  private long iqa;
  private int era;

  // Of the turn alone.
  private final long[] descriptor = new long[4];
  private boolean waiting;
  private boolean hasTicket;
  private long ticket;
  private long head;
  private long turnIqa;
  private int turnEra;

  private final AtomicLong executed = new AtomicLong();
  private final AtomicLong errors = new AtomicLong();
  private final AtomicLong discarded = new AtomicLong();

  InvalidationQueue(UnitCore core, DescriptorExecutor executor, DeviceDescriptors devices) {
    this.core = core;
    this.registers = core.registers;
    this.memory = core.environment.memory();
    this.executor = executor;
    this.devices = devices;
  }

  /** QIE changed. Under the lock. */
  void enable(boolean on) {
    era++;
    enabled = on;
    if (on) {
      iqa = registers.peek(RegisterMap.IQA);
      if (busy) {
        disabled();
      }
      registers.setBits(RegisterMap.GSTS, Gcmd.QIE.mask());
    } else {
      devices.abandon();
      if (!busy) {
        disabled();
      }
    }
    core.later(UnitCore.RUN_QUEUE);
  }

  private void disabled() {
    busy = false;
    registers.clearBits(RegisterMap.GSTS, Gcmd.QIE.mask());
    registers.poke(RegisterMap.IQH, 0);
  }

  /** Whether QIE is on; under the lock. */
  boolean isEnabled() {
    return enabled;
  }

  /** The queue as taken at QIE; under the lock. */
  long activeIqa() {
    return iqa;
  }

  /** Software wrote IQT. Under the lock. */
  void tailWritten() {
    if (enabled) {
      if (isMisaligned(registers.peek(RegisterMap.IQT), iqa)) {
        refuseTail();
      }
      core.later(UnitCore.RUN_QUEUE);
    }
  }

  /** Software wrote FSTS; fetching resumes when no error stands any more. Under the lock. */
  void errorServiced() {
    if (enabled && !isStopped()) {
      core.later(UnitCore.RUN_QUEUE);
    }
  }

  /** Takes over an imported or a reset state; nothing is executed. Under the lock. */
  void restore(boolean on, long activeIqa) {
    era++;
    enabled = on;
    busy = false;
    iqa = activeIqa;
    devices.abandon();
  }

  private static boolean isMisaligned(long tail, long iqa) {
    return QueueRegisters.DW.isSet(iqa) && (tail & 0x10) != 0;
  }

  private void refuseTail() {
    registers.clearBits(RegisterMap.IQT, 0x10);
    fail(QueueRegisters.IQEI_TAIL_ALIGNMENT);
  }

  private boolean isStopped() {
    return (registers.peek(RegisterMap.FSTS) & (Fsts.IQE.mask() | Fsts.ITE.mask())) != 0;
  }

  private void fail(int information) {
    errors.incrementAndGet();
    long old = registers.peek(RegisterMap.IQERCD);
    registers.poke(RegisterMap.IQERCD, QueueRegisters.IQEI.put(old, information));
    core.faultEvent.raise(Fsts.IQE.mask());
  }

  /**
   * Executes at most as many descriptors as the ring holds; a later tail comes with its own kick.
   */
  @Override
  public Progress run() {
    long left = Long.MAX_VALUE;
    while (left > 0) {
      if (waiting) {
        Progress progress = goOnWaiting();
        if (progress != null) {
          return progress;
        }
      } else if (!next()) {
        return Progress.DONE;
      } else {
        left = Math.min(left, entries()) - 1;
        step();
      }
    }
    return waiting ? Progress.WAITING : Progress.DONE;
  }

  /** What a wait descriptor waits for. */
  private enum Gate {
    /** Devices: their completion or time-out brings the next turn. */
    DEVICES,
    /** Bursts: come again. */
    BURSTS,
    /** Nothing: it is over, completed or not. */
    OPEN,
    /** A device exceeded its time: the wait is discarded. */
    DISCARDED
  }

  /** Goes on with the wait descriptor; null when it is over. */
  private Progress goOnWaiting() {
    Gate gate = gate();
    if (gate == Gate.DEVICES) {
      return Progress.DONE;
    }
    if (gate == Gate.BURSTS) {
      if (!hasTicket) {
        ticket = core.environment.graceTicket();
        hasTicket = true;
      }
      if (!core.environment.graceElapsed(ticket)) {
        return Progress.WAITING;
      }
    }
    waiting = false;
    if (gate == Gate.DISCARDED) {
      discard();
    } else {
      finish(completeWait());
    }
    return null;
  }

  private Gate gate() {
    core.enter();
    try {
      if (turnEra != era) {
        return Gate.OPEN;
      }
      if (Fsts.ITE.isSet(registers.peek(RegisterMap.FSTS))) {
        return Gate.DISCARDED;
      }
      boolean pages = InvalidationWait.PD.isSet(descriptor) && !devices.arePagesDrained();
      return devices.areInvalidationsDone() && !pages ? Gate.BURSTS : Gate.DEVICES;
    } finally {
      core.leave();
    }
  }

  private long entries() {
    return QueueRegisters.queueBytes(turnIqa) >>> QueueRegisters.descriptorLg2(turnIqa);
  }

  private boolean isCurrent() {
    core.enter();
    try {
      return turnEra == era;
    } finally {
      core.leave();
    }
  }

  /** Decides whether there is a descriptor to fetch, and where. */
  private boolean next() {
    core.enter();
    try {
      if (!enabled || isStopped()) {
        return false;
      }
      long size = QueueRegisters.queueBytes(iqa);
      long align = -1L << QueueRegisters.descriptorLg2(iqa);
      head = registers.peek(RegisterMap.IQH) & (size - 1) & align;
      long tail = registers.peek(RegisterMap.IQT);
      if (head == tail) {
        return false;
      }
      int error = queueError(tail, size);
      if (error == QueueRegisters.IQEI_TAIL_ALIGNMENT) {
        refuseTail();
        return false;
      } else if (error != QueueRegisters.IQEI_NONE) {
        fail(error);
        return false;
      }
      busy = true;
      turnEra = era;
      turnIqa = iqa;
      return true;
    } finally {
      core.leave();
    }
  }

  private int queueError(long tail, long size) {
    if (!executor.supportsMode(core.latched.ttm())) {
      return QueueRegisters.IQEI_TTM;
    }
    if (QueueRegisters.DW.isSet(iqa) && !executor.supportsWideDescriptors()) {
      return QueueRegisters.IQEI_WIDTH;
    }
    if (isMisaligned(tail, iqa)) {
      return QueueRegisters.IQEI_TAIL_ALIGNMENT;
    }
    return tail >= size ? QueueRegisters.IQEI_TAIL : QueueRegisters.IQEI_NONE;
  }

  /** Fetches and executes one descriptor. */
  private void step() {
    boolean wide = QueueRegisters.DW.isSet(turnIqa);
    int result = fetch(wide) ? execute(wide) : QueueRegisters.IQEI_FETCH;
    if (result == DescriptorExecutor.WAIT) {
      waiting = true;
      hasTicket = false;
    } else {
      finish(result);
    }
  }

  private int execute(boolean wide) {
    return DeviceDescriptors.isOne(descriptor[0])
        ? devices.execute(descriptor, wide)
        : executor.execute(descriptor, wide);
  }

  private boolean fetch(boolean wide) {
    long base = QueueRegisters.IQA.inPlace(turnIqa) & core.capabilities.addressMask();
    int words = wide ? 4 : 2;
    if (memory.status(base + head, 8L * words) != MemoryStatus.OK) {
      return false;
    }
    for (int word = 0; word < words; word++) {
      descriptor[word] = memory.load64(base + head + 8L * word);
    }
    if (!wide) {
      descriptor[2] = 0;
      descriptor[3] = 0;
    }
    return true;
  }

  /** Writes the status of the wait descriptor whose grace has passed. */
  private int completeWait() {
    if (!isCurrent() || !InvalidationWait.SW.isSet(descriptor)) {
      return QueueRegisters.IQEI_NONE;
    }
    long address = InvalidationWait.STADDR.inPlace(descriptor);
    int data = (int) InvalidationWait.STDATA.get(descriptor);
    return memory.store32(address, data) ? QueueRegisters.IQEI_NONE : DescriptorExecutor.NO_WRITE;
  }

  /** Moves the head past the descriptor, or stops at it. */
  private void finish(int result) {
    core.enter();
    try {
      if (turnEra != era) {
        if (!enabled) {
          disabled();
        }
        return;
      }
      busy = false;
      if (result == DescriptorExecutor.NO_WRITE) {
        fail(QueueRegisters.IQEI_NONE);
        return;
      } else if (result != QueueRegisters.IQEI_NONE) {
        fail(result);
        return;
      }
      executed.incrementAndGet();
      moveOn();
      if (isInterruptingWait()) {
        core.invalidationEvent.raise(QueueRegisters.IWC.mask());
      }
    } finally {
      core.leave();
    }
  }

  private void moveOn() {
    long size = QueueRegisters.queueBytes(turnIqa);
    long step = 1L << QueueRegisters.descriptorLg2(turnIqa);
    registers.poke(RegisterMap.IQH, (head + step) & (size - 1));
  }

  /** Moves the head past a wait descriptor that is not completed. */
  private void discard() {
    core.enter();
    try {
      if (turnEra == era) {
        busy = false;
        discarded.incrementAndGet();
        moveOn();
      } else if (!enabled) {
        disabled();
      }
    } finally {
      core.leave();
    }
  }

  private boolean isInterruptingWait() {
    return executor.isWait(descriptor) && InvalidationWait.IF.isSet(descriptor);
  }

  /** Adds the counters. */
  void count(Map<String, Long> counters) {
    counters.put("queue.descriptors", executed.get());
    counters.put("queue.errors", errors.get());
    counters.put("queue.waits.discarded", discarded.get());
  }
}
