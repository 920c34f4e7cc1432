package org.ioasis.smmuv3.hardware;

import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.ioasis.api.machine.Work;
import org.ioasis.kit.queue.ConsumerRing;
import org.ioasis.kit.queue.Ring;
import org.ioasis.kit.registers.RegisterFile;
import org.ioasis.smmuv3.format.CmdqCons;
import org.ioasis.smmuv3.format.Command;
import org.ioasis.smmuv3.format.Cr0;
import org.ioasis.smmuv3.format.Gerror;
import org.ioasis.smmuv3.format.QueueBase;
import org.ioasis.smmuv3.format.RegisterMap;
import org.ioasis.smmuv3.format.Sync;

/**
 * The engine of the command queue. "Command queue", "Command queue errors", "CMD_SYNC".
 *
 * <p>Commands are executed one after the other. CMDQ_CONS.RD names the next one to fetch; at an
 * error it stays at the culprit, ERR says what it is, GERROR.CMDQ_ERR becomes active and fetching
 * stops until software acknowledges, which is what resumes it. A CMD_SYNC completes when every
 * burst that was open at its time has ended and every device has answered its invalidations:
 * nothing that was invalidated before it is in use. Its message is sent before CONS passes it,
 * since the message may be a write into its own slot.
 *
 * <p>Clearing CMDQEN ends the queue between two commands; a CMD_SYNC under way is given up and not
 * consumed.
 *
 * <p><b>Threading:</b> one turn at a time, by the scheduler. What register writes touch is guarded
 * by the unit's lock; memory is accessed and devices are called without it.
 */
final class CommandQueue implements Work {
  private final UnitCore core;
  private final RegisterFile<SmmuUnit> registers;
  private final CommandExecutor executor;
  private final AtcInvalidations devices;
  private final ConsumerRing consumer;
  private final long[] command = new long[Command.BYTES / Long.BYTES];

  // Guarded by the unit's lock.
  private Ring ring;
  private boolean enabled;
  private long era;

  // Of the turn alone.
  private boolean waiting;
  private boolean graceElapsed;
  private long ticket;
  private long turnEra;

  private final AtomicLong executed = new AtomicLong();
  private final AtomicLong errors = new AtomicLong();

  CommandQueue(UnitCore core, CommandExecutor executor, AtcInvalidations devices) {
    this.core = core;
    this.registers = core.registers;
    this.executor = executor;
    this.devices = devices;
    this.consumer = new ConsumerRing(core.environment.memory());
    restart(false);
  }

  private void restart(boolean on) {
    long base = registers.peek(RegisterMap.CMDQ_BASE);
    int lg2 = QueueBase.entriesLg2(base, core.capabilities.commandQueueLg2());
    long address = core.truncated(QueueBase.address(base, lg2, QueueBase.COMMAND_LG2));
    ring = new Ring(address, lg2, QueueBase.COMMAND_LG2, true);
    enabled = on;
    era++;
  }

  /** CMDQEN changed. Under the lock; CR0ACK follows in the next turn. */
  void enable(boolean on) {
    restart(on);
    core.later(UnitCore.RUN_COMMANDS);
  }

  /** Software wrote CMDQ_PROD or acknowledged an error. Under the lock. */
  void proceed() {
    if (enabled) {
      core.later(UnitCore.RUN_COMMANDS);
    }
  }

  /** Takes over an imported or a reset state; nothing is executed. Under the lock. */
  void restore(boolean on) {
    restart(on);
  }

  /** Executes at most as many commands as the ring holds; what comes later comes with a kick. */
  @Override
  public Progress run() {
    if (waiting) {
      Progress progress = waitForSync();
      if (progress != null) {
        return progress;
      }
    }
    while (open()) {
      for (long left = consumer.left(); left > 0; left--) {
        if (!step()) {
          return Progress.DONE;
        }
        if (waiting) {
          Progress progress = waitForSync();
          if (progress != null) {
            return progress;
          }
          break; // its completion published CONS: look at the pointers again
        }
      }
    }
    return Progress.DONE;
  }

  /** Takes the pointers if there is something to do. */
  private boolean open() {
    core.enter();
    try {
      acknowledge();
      turnEra = era;
      if (!enabled || core.isActive(Gerror.CMDQ_ERR.mask())) {
        return false;
      }
      long cons = CmdqCons.RD.get(registers.peek(RegisterMap.CMDQ_CONS));
      consumer.open(ring, cons, registers.peek(RegisterMap.CMDQ_PROD));
      return consumer.left() > 0;
    } finally {
      core.leave();
    }
  }

  /** CR0ACK follows CMDQEN between two commands. */
  private void acknowledge() {
    long ack = registers.peek(RegisterMap.CR0ACK);
    registers.poke(RegisterMap.CR0ACK, Cr0.CMDQEN.put(ack, enabled ? 1 : 0));
  }

  /** Fetches and executes one command; false if the turn ends here. */
  private boolean step() {
    int result =
        consumer.fetch(command) == ConsumerRing.Fetch.ENTRY
            ? executor.execute(command)
            : CmdqCons.CERROR_ABT;
    if (result == CommandExecutor.SYNC) {
      ticket = core.environment.graceTicket();
      graceElapsed = false;
      waiting = true;
      return true;
    }
    return finish(result);
  }

  /**
   * Waits for what a CMD_SYNC waits for, and completes it.
   *
   * @return null to go on, else how the turn ends
   */
  private Progress waitForSync() {
    if (!isCurrent()) {
      waiting = false;
      return null;
    }
    if (!graceElapsed && !core.environment.graceElapsed(ticket)) {
      return Progress.WAITING;
    }
    graceElapsed = true;
    if (!devices.isSettled()) {
      return Progress.DONE; // the last answer kicks
    }
    waiting = false;
    if (devices.takeTimedOut()) {
      finish(CmdqCons.CERROR_ATC_INV_SYNC);
      return Progress.DONE;
    }
    signal();
    return finish(CmdqCons.CERROR_NONE) ? null : Progress.DONE;
  }

  private boolean isCurrent() {
    core.enter();
    try {
      return turnEra == era;
    } finally {
      core.leave();
    }
  }

  /** The completion signal; a wake-up event has nobody to wake here. */
  private void signal() {
    if (Sync.CS.get(command) == Sync.CS_IRQ && core.capabilities.msi()) {
      core.send(
          Sync.MSIADDR.inPlace(command),
          (int) Sync.MSIDATA.get(command),
          Gerror.MSI_CMDQ_ABT_ERR.mask());
    }
  }

  /** Moves CONS past the command, or stops at it; false if the turn ends here. */
  private boolean finish(int result) {
    core.enter();
    try {
      if (turnEra != era) {
        acknowledge();
        return false;
      }
      if (result != CmdqCons.CERROR_NONE) {
        errors.incrementAndGet();
        registers.poke(
            RegisterMap.CMDQ_CONS, CmdqCons.RD.of(consumer.head()) | CmdqCons.ERR.of(result));
        core.raise(Gerror.CMDQ_ERR.mask());
        return false;
      }
      executed.incrementAndGet();
      consumer.consumed();
      long old = registers.peek(RegisterMap.CMDQ_CONS);
      registers.poke(RegisterMap.CMDQ_CONS, CmdqCons.RD.put(old, consumer.head()));
      return true;
    } finally {
      core.leave();
    }
  }

  /** Adds the counters. */
  void count(Map<String, Long> counters) {
    counters.put("queue.commands", executed.get());
    counters.put("queue.errors", errors.get());
  }
}
