package org.ioasis.amdvi.hardware;

import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.ioasis.amdvi.format.CommandEvent;
import org.ioasis.amdvi.format.CompletionWait;
import org.ioasis.amdvi.format.Control;
import org.ioasis.amdvi.format.Event;
import org.ioasis.amdvi.format.RegisterMap;
import org.ioasis.amdvi.format.RingBase;
import org.ioasis.amdvi.format.RingPointer;
import org.ioasis.amdvi.format.Status;
import org.ioasis.amdvi.format.TableHardwareError;
import org.ioasis.api.machine.Work;
import org.ioasis.api.memory.MemoryStatus;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.kit.queue.ConsumerRing;
import org.ioasis.kit.queue.Ring;
import org.ioasis.kit.registers.RegisterFile;

/**
 * The engine of the command buffer. "Command Buffer", "Command Buffer Error Handling".
 *
 * <p>Commands are executed one after the other. The head names the next one; at an error it stays
 * at the culprit, CmdBufRun falls and fetching stops until software sets CmdBufEn anew. A
 * COMPLETION_WAIT completes when every burst that was open at its time has ended and every device
 * that was asked has answered or timed out, so its completion means that nothing that was
 * invalidated before it is in use.
 *
 * <p>Clearing CmdBufEn or IommuEn ends the fetching between two commands; the pointers keep their
 * values, and a COMPLETION_WAIT under way is given up.
 *
 * <p><b>Threading:</b> one turn at a time, by the scheduler. The fields that register writes touch
 * are guarded by the unit's lock; memory is accessed without it.
 */
final class CommandBuffer implements Work {
  private final UnitCore core;
  private final RegisterFile<AmdviUnit> registers;
  private final PhysicalMemory memory;
  private final CommandExecutor executor;
  private final IotlbInvalidations devices;
  private final EventLog log;

  /** Changes whenever fetching starts or stops; guarded by the unit's lock. */
  private int era;

  // Of the turn alone.
  private final ConsumerRing ring;
  private final long[] command = new long[2];
  private Ring shape;
  private boolean waiting;
  private long ticket;
  private int turnEra;

  private final AtomicLong executed = new AtomicLong();
  private final AtomicLong errors = new AtomicLong();

  CommandBuffer(UnitCore core, CommandExecutor executor, IotlbInvalidations devices, EventLog log) {
    this.core = core;
    this.registers = core.registers;
    this.memory = core.environment.memory();
    this.executor = executor;
    this.devices = devices;
    this.log = log;
    this.ring = new ConsumerRing(memory);
  }

  /** CONTROL changed: fetching runs while it and the unit are enabled. Under the lock. */
  void controlled(long value, long old) {
    if (UnitCore.changes(value, old, Control.IOMMU_EN.mask() | Control.CMD_BUF_EN.mask())) {
      era++;
      boolean usable = RingBase.isLegal(registers.peek(RegisterMap.CMD_BUF_BASE));
      if (UnitCore.enables(value, Control.CMD_BUF_EN) && usable) {
        registers.setBits(RegisterMap.STATUS, Status.CMD_BUF_RUN.mask());
        core.later(UnitCore.RUN_COMMANDS);
      } else {
        registers.clearBits(RegisterMap.STATUS, Status.CMD_BUF_RUN.mask());
      }
    }
  }

  /** Software wrote the base: head and tail return to 0. Under the lock. */
  void rewind() {
    registers.poke(RegisterMap.CMD_BUF_HEAD, 0);
    registers.poke(RegisterMap.CMD_BUF_TAIL, 0);
  }

  /** Software wrote the tail. Under the lock. */
  void tailWritten() {
    if (isRunning()) {
      core.later(UnitCore.RUN_COMMANDS);
    }
  }

  /** Takes over an imported or a reset state; nothing is executed. Under the lock. */
  void restore() {
    era++;
    devices.forget();
  }

  private boolean isRunning() {
    return Status.CMD_BUF_RUN.isSet(registers.peek(RegisterMap.STATUS));
  }

  /**
   * Executes at most as many commands as the ring held when the turn began; a later tail comes with
   * its own kick.
   */
  @Override
  public Progress run() {
    if (waiting) {
      Progress progress = waits();
      if (progress != null) {
        return progress;
      }
    }
    if (!open()) {
      return Progress.DONE;
    }
    while (true) {
      switch (ring.fetch(command)) {
        case EMPTY -> {
          return Progress.DONE;
        }
        case BUS_ERROR -> {
          stop(hardwareError(shape.address(ring.head())), shape.address(ring.head()));
          return Progress.DONE;
        }
        case ENTRY -> {
          if (!step()) {
            return Progress.DONE;
          }
        }
      }
      if (waiting) {
        Progress progress = waits();
        if (progress != null) {
          return progress;
        }
      }
    }
  }

  /** Takes the ring as it is now; false if nothing may be fetched. */
  private boolean open() {
    core.enter();
    try {
      turnEra = era;
      if (!isRunning()) {
        return false;
      }
      shape = RecordRing.shape(registers.peek(RegisterMap.CMD_BUF_BASE));
      ring.open(
          shape,
          RingPointer.OFFSET.get(registers.peek(RegisterMap.CMD_BUF_HEAD)),
          RingPointer.OFFSET.get(registers.peek(RegisterMap.CMD_BUF_TAIL)));
      return true;
    } finally {
      core.leave();
    }
  }

  private boolean isCurrent() {
    core.enter();
    try {
      return turnEra == era;
    } finally {
      core.leave();
    }
  }

  /** Executes the fetched command; false if fetching has stopped. */
  private boolean step() {
    if (!isCurrent()) {
      return false;
    }
    long address = shape.address(ring.head());
    switch (executor.execute(command[0], command[1], address)) {
      case DONE -> {
        return finish(0);
      }
      case WAIT -> {
        ticket = core.environment.graceTicket();
        waiting = true;
        return true;
      }
      default -> {
        stop(Event.CODE.of(Event.ILLEGAL_COMMAND_ERROR), address);
        return false;
      }
    }
  }

  /** A COMPLETION_WAIT under way: null when it has ended and fetching goes on. */
  private Progress waits() {
    if (!isCurrent()) {
      waiting = false;
      core.enter();
      try {
        core.later(UnitCore.RUN_COMMANDS); // what was asked for under the new era
      } finally {
        core.leave();
      }
      return Progress.DONE;
    }
    if (!core.environment.graceElapsed(ticket)) {
      return Progress.WAITING;
    }
    if (!devices.areAnswered()) {
      return Progress.DONE; // the answer or the time-out kicks
    }
    waiting = false;
    return complete() ? null : Progress.DONE;
  }

  private boolean complete() {
    long word0 = command[0];
    if (CompletionWait.S.isSet(word0)) {
      long address = CompletionWait.STORE_ADDRESS.inPlace(word0);
      if (!memory.store64(address, command[1])) {
        stop(hardwareError(address), address);
        return false;
      }
    }
    return finish(CompletionWait.I.isSet(word0) ? Status.COM_WAIT_INT.mask() : 0);
  }

  /** Moves the head past the command and sets status bits; false if fetching has stopped. */
  private boolean finish(long status) {
    core.enter();
    try {
      if (turnEra != era) {
        return false;
      }
      executed.incrementAndGet();
      ring.consumed();
      registers.poke(RegisterMap.CMD_BUF_HEAD, RingPointer.OFFSET.of(ring.head()));
      if (status != 0) {
        registers.setBits(RegisterMap.STATUS, status);
        if (Control.COM_WAIT_INT_EN.isSet(core.control())) {
          core.later(UnitCore.GENERAL_MESSAGE);
        }
      }
      return true;
    } finally {
      core.leave();
    }
  }

  private long hardwareError(long address) {
    boolean poisoned = memory.status(address, Long.BYTES) == MemoryStatus.POISONED;
    return Event.CODE.of(Event.COMMAND_HARDWARE_ERROR)
        | CommandEvent.TYPE.of(
            poisoned ? TableHardwareError.DATA_ERROR : TableHardwareError.MASTER_ABORT);
  }

  /** Stops at the command and reports why. */
  private void stop(long event, long address) {
    core.enter();
    try {
      if (turnEra != era) {
        return;
      }
      era++;
      errors.incrementAndGet();
      registers.clearBits(RegisterMap.STATUS, Status.CMD_BUF_RUN.mask());
      if (core.capabilities.choices().headMovesToTail()) {
        registers.poke(RegisterMap.CMD_BUF_HEAD, registers.peek(RegisterMap.CMD_BUF_TAIL));
      }
    } finally {
      core.leave();
    }
    log.report(event, address);
  }

  /** Adds the counters. */
  void count(Map<String, Long> counters) {
    counters.put("commands.executed", executed.get());
    counters.put("commands.errors", errors.get());
  }
}
