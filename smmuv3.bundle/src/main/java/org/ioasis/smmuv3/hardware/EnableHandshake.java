package org.ioasis.smmuv3.hardware;

import org.ioasis.api.machine.StallEnd;
import org.ioasis.api.machine.Work;
import org.ioasis.smmuv3.format.Cr0;
import org.ioasis.smmuv3.format.Gbpa;
import org.ioasis.smmuv3.format.IrqCtrl;
import org.ioasis.smmuv3.format.RegisterMap;

/**
 * CR0 and CR0ACK, GBPA.Update, IRQ_CTRL and IRQ_CTRLACK. "SMMU_CR0", "SMMU_CR0ACK", "SMMU_GBPA".
 *
 * <p>What is written governs every transaction that begins afterwards; SMMUEN, ATSCHK and VMW are
 * acknowledged, and Update falls, when the bursts that were open have ended. EVENTQEN and PRIQEN
 * take effect at once. CMDQEN is the command queue's to acknowledge.
 *
 * <p>SMMUEN=0 ends what is held twice: at once, and when those bursts have ended, since a
 * transaction that began before may have been held after the first time.
 *
 * <p><b>Threading:</b> {@link #written}, {@link #bypassWritten} and {@link #restore} under the
 * unit's lock; turns by the scheduler.
 */
final class EnableHandshake implements Work {
  private static final long AFTER_GRACE = Cr0.SMMUEN.mask() | Cr0.ATSCHK.mask() | Cr0.VMW.mask();
  private static final long AT_ONCE = Cr0.EVENTQEN.mask() | Cr0.PRIQEN.mask();

  private final UnitCore core;
  private final TranslationCaches caches;
  private final CommandQueue commands;
  private final EventQueue events;
  private final PriQueue pages;
  private final StallTable stalls;

  /** Whether something lags behind, and the grace it waits for; guarded by the unit's lock. */
  private boolean pending;

  private long ticket;

  EnableHandshake(
      UnitCore core,
      TranslationCaches caches,
      CommandQueue commands,
      EventQueue events,
      PriQueue pages,
      StallTable stalls) {
    this.core = core;
    this.caches = caches;
    this.commands = commands;
    this.events = events;
    this.pages = pages;
    this.stalls = stalls;
  }

  /** A field whose change has not been acknowledged takes no other value. */
  static long admitted(long value, long old, long ack) {
    long busy = old ^ ack;
    return (value & ~busy) | (old & busy);
  }

  /** Software wrote CR0. */
  void written(long value, long old) {
    long changed = value ^ old;
    if (changed == 0) {
      return;
    }
    core.latch(value);
    caches.tags.changed();
    if ((changed & AT_ONCE) != 0) {
      long ack = core.registers.peek(RegisterMap.CR0ACK);
      core.registers.poke(RegisterMap.CR0ACK, (ack & ~AT_ONCE) | (value & AT_ONCE));
    }
    if (Cr0.EVENTQEN.isSet(changed) && Cr0.EVENTQEN.isSet(value)) {
      events.restart();
      events.flush();
    }
    if (Cr0.PRIQEN.isSet(changed) && Cr0.PRIQEN.isSet(value)) {
      pages.restart();
    }
    if (Cr0.CMDQEN.isSet(changed)) {
      commands.enable(Cr0.CMDQEN.isSet(value));
    }
    if ((changed & AFTER_GRACE) != 0) {
      if (Cr0.SMMUEN.isSet(changed) && !Cr0.SMMUEN.isSet(value)) {
        stalls.endAll(StallEnd.ABORT);
      }
      follow();
    }
  }

  /** Software wrote GBPA with Update=1 while it was 0. */
  void bypassWritten() {
    core.latch(core.registers.peek(RegisterMap.CR0));
    caches.tags.changed();
    follow();
  }

  private void follow() {
    pending = true;
    ticket = core.environment.graceTicket();
    core.later(UnitCore.RUN_ENABLES);
  }

  /** Software wrote IRQ_CTRL. */
  void interruptsWritten(long value) {
    core.registers.poke(RegisterMap.IRQ_CTRLACK, value & ~IrqCtrl.LAYOUT.reserved(0));
  }

  @Override
  public Progress run() {
    core.enter();
    try {
      if (!pending) {
        return Progress.DONE;
      }
      if (!core.environment.graceElapsed(ticket)) {
        return Progress.WAITING;
      }
      pending = false;
      long wanted = core.registers.peek(RegisterMap.CR0);
      long ack = core.registers.peek(RegisterMap.CR0ACK);
      if (Cr0.SMMUEN.isSet(ack) && !Cr0.SMMUEN.isSet(wanted)) {
        stalls.endAll(StallEnd.ABORT);
      }
      core.registers.poke(RegisterMap.CR0ACK, (ack & ~AFTER_GRACE) | (wanted & AFTER_GRACE));
      core.registers.clearBits(RegisterMap.GBPA, Gbpa.UPDATE.mask());
      return Progress.DONE;
    } finally {
      core.leave();
    }
  }

  /** Takes over what the registers say, as after a state import. */
  void restore() {
    pending = false;
    core.latch(core.registers.peek(RegisterMap.CR0ACK));
    caches.tags.changed();
  }
}
