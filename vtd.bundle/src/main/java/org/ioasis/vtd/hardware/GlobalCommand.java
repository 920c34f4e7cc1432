package org.ioasis.vtd.hardware;

import org.ioasis.api.machine.Work;
import org.ioasis.vtd.format.Gcmd;
import org.ioasis.vtd.format.RegisterMap;
import org.ioasis.vtd.format.Rtaddr;

/**
 * The protocol of GCMD and GSTS. VT-d, "Global Command Register".
 *
 * <p>Level bits act on the difference to what was commanded before; one-shot bits act when written
 * as 1. RTADDR and IRTA are taken by SRTP and SIRTP alone. What is taken governs every request that
 * begins afterwards; the status bit follows when the bursts that were open have ended, which is how
 * a unit with DRD and DWD drains.
 *
 * <p>With ESRTPS the caches are emptied twice: at once, and when those bursts have ended, since a
 * walk that took the old root table may have read the epoch after the first time.
 *
 * <p><b>Threading:</b> {@link #written} and {@link #restore} under the unit's lock; turns by the
 * scheduler.
 */
final class GlobalCommand implements Work {
  private static final long LEVELS =
      Gcmd.TE.mask() | Gcmd.QIE.mask() | Gcmd.IRE.mask() | Gcmd.CFI.mask();

  private final UnitCore core;
  private final TranslationCaches caches;
  private final InterruptEntryCache interrupts;
  private final InvalidationQueue queue;
  private final long available;

  /** Level bits as commanded, one-shot status as it will be; guarded by the unit's lock. */
  private long target;

  /** Whether GSTS lags behind the target, and the grace it waits for; guarded by the lock. */
  private boolean pending;

  private long ticket;

  /** Whether SRTP has to empty the caches again; guarded by the lock. */
  private boolean emptiesAgain;

  GlobalCommand(
      UnitCore core,
      TranslationCaches caches,
      InterruptEntryCache interrupts,
      InvalidationQueue queue) {
    this.core = core;
    this.caches = caches;
    this.interrupts = interrupts;
    this.queue = queue;
    long bits = Gcmd.TE.mask() | Gcmd.SRTP.mask();
    if (core.capabilities.queuedInvalidation()) {
      bits |= Gcmd.QIE.mask();
    }
    if (core.capabilities.interruptRemapping()) {
      bits |= Gcmd.IRE.mask() | Gcmd.SIRTP.mask() | Gcmd.CFI.mask();
    }
    if (core.capabilities.writeBufferFlush()) {
      bits |= Gcmd.WBF.mask();
    }
    this.available = bits;
  }

  /** Software wrote GCMD. */
  void written(long value) {
    long command = value & available;
    long changed = (command ^ target) & LEVELS;
    takePointers(command);
    target = (target & ~LEVELS) | (command & LEVELS);
    core.latched = withEnables(core.latched);
    caches.tags.changed(); // whoever hits has read nothing of it
    if (Gcmd.WBF.isSet(command)) {
      core.registers.setBits(RegisterMap.GSTS, Gcmd.WBF.mask());
    }
    if (Gcmd.QIE.isSet(changed)) {
      queue.enable(Gcmd.QIE.isSet(command));
    }
    pending = true;
    ticket = core.environment.graceTicket();
    core.later(UnitCore.RUN_COMMANDS);
  }

  private void takePointers(long command) {
    if (Gcmd.SRTP.isSet(command)) {
      core.registers.clearBits(RegisterMap.GSTS, Gcmd.SRTP.mask());
      target |= Gcmd.SRTP.mask();
      core.latched = withRoot(core.latched, core.registers.peek(RegisterMap.RTADDR));
      if (core.capabilities.rootPointerInvalidates()) {
        emptiesAgain = true;
        caches.dropAll();
      }
    }
    if (Gcmd.SIRTP.isSet(command)) {
      core.registers.clearBits(RegisterMap.GSTS, Gcmd.SIRTP.mask());
      target |= Gcmd.SIRTP.mask();
      core.latched = core.latched.withInterruptTable(core.registers.peek(RegisterMap.IRTA));
      if (core.capabilities.interruptPointerInvalidates()) {
        interrupts.invalidateAll();
      }
    }
  }

  private Latched withRoot(Latched latched, long rtaddr) {
    long root = Rtaddr.RTA.inPlace(rtaddr) & core.capabilities.addressMask();
    return latched.withRoot((int) Rtaddr.TTM.get(rtaddr), root);
  }

  private Latched withEnables(Latched latched) {
    return latched.withEnables(
        Gcmd.TE.isSet(target), Gcmd.IRE.isSet(target), Gcmd.CFI.isSet(target));
  }

  /** Lets GSTS follow, once the grace has passed. QIES is the queue's own to report. */
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
      if (emptiesAgain) {
        emptiesAgain = false;
        caches.dropAll();
      }
      long queueStatus = core.registers.peek(RegisterMap.GSTS) & Gcmd.QIE.mask();
      core.registers.poke(RegisterMap.GSTS, (target & ~Gcmd.QIE.mask()) | queueStatus);
      return Progress.DONE;
    } finally {
      core.leave();
    }
  }

  /**
   * Takes over what the registers say, as after a state import: the latched pointers are those of
   * the arguments, GSTS stays as it is.
   *
   * @param rtaddr the active root table, in RTADDR's format
   * @param irta the active interrupt table, in IRTA's format
   */
  void restore(long rtaddr, long irta) {
    target = core.registers.peek(RegisterMap.GSTS);
    pending = false;
    emptiesAgain = false;
    core.latched = withEnables(withRoot(Latched.RESET, rtaddr).withInterruptTable(irta));
    caches.tags.changed();
  }
}
