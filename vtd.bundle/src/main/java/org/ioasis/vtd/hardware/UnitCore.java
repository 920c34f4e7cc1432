package org.ioasis.vtd.hardware;

import java.util.concurrent.locks.ReentrantLock;
import org.ioasis.api.machine.UnitEnvironment;
import org.ioasis.api.machine.WorkQueue;
import org.ioasis.kit.registers.RegisterFile;
import org.ioasis.vtd.format.Fsts;
import org.ioasis.vtd.format.PageRequestRegisters;
import org.ioasis.vtd.format.RegisterMap;

/**
 * What the parts of one unit share: its environment, its registers, the latched state, and the one
 * lock with the work that has to wait until the lock is free.
 *
 * <p><b>Threading:</b> {@code lock} serialises software's register writes, fault records and the
 * register changes of the work turns. It is a leaf: nothing is called under it but the register
 * file and the caches. Whoever decides under it that an interrupt or a turn is due says {@link
 * #later}; {@link #leave} does it with the lock released. A translation that does not fault takes
 * no lock; it reads {@link #latched} once.
 */
final class UnitCore {
  /** Things to do when the lock is free. */
  static final int FAULT_EVENT = 1,
      INVALIDATION_EVENT = 2,
      RUN_QUEUE = 4,
      RUN_COMMANDS = 8,
      RUN_REGISTERS = 16,
      PAGE_REQUEST_EVENT = 32,
      RUN_PAGES = 64;

  final UnitEnvironment environment;
  final Capabilities capabilities;
  final RegisterFile<VtdUnit> registers;
  final EventSource faultEvent;
  final EventSource invalidationEvent;
  final EventSource pageRequestEvent;

  /** What the hardware works with; written under the lock. */
  volatile Latched latched = Latched.RESET;

  private final ReentrantLock lock = new ReentrantLock();
  private int due;
  private WorkQueue queueWork;
  private WorkQueue commandWork;
  private WorkQueue registerWork;
  private WorkQueue pageWork;

  UnitCore(
      UnitEnvironment environment, Capabilities capabilities, RegisterFile<VtdUnit> registers) {
    this.environment = environment;
    this.capabilities = capabilities;
    this.registers = registers;
    this.faultEvent =
        new EventSource(
            this, RegisterMap.FECTL, RegisterMap.FSTS, Fsts.CONDITIONS, UnitCore.FAULT_EVENT);
    this.invalidationEvent =
        new EventSource(this, RegisterMap.IECTL, RegisterMap.ICS, 1, UnitCore.INVALIDATION_EVENT);
    this.pageRequestEvent =
        new EventSource(
            this,
            RegisterMap.PECTL,
            RegisterMap.PRS,
            PageRequestRegisters.CONDITIONS,
            UnitCore.PAGE_REQUEST_EVENT);
  }

  /** Says where the kinds of work take their turns; once, before the first register write. */
  void place(WorkQueue queue, WorkQueue commands, WorkQueue registerInvalidation, WorkQueue pages) {
    queueWork = queue;
    commandWork = commands;
    registerWork = registerInvalidation;
    pageWork = pages;
  }

  /** Takes the lock. */
  void enter() {
    lock.lock();
  }

  /** Asks for something to be done when the lock is free; only under the lock. */
  void later(int action) {
    assert lock.isHeldByCurrentThread();
    due |= action;
  }

  /**
   * Releases the lock and does what became due.
   *
   * @throws IllegalStateException if an inline turn would wait for the caller's own open burst
   */
  void leave() {
    int actions = due;
    due = 0;
    lock.unlock();
    if (actions != 0) {
      act(actions);
    }
  }

  private void act(int actions) {
    if ((actions & FAULT_EVENT) != 0) {
      faultEvent.send();
    }
    if ((actions & INVALIDATION_EVENT) != 0) {
      invalidationEvent.send();
    }
    if ((actions & PAGE_REQUEST_EVENT) != 0) {
      pageRequestEvent.send();
    }
    IllegalStateException refused = null;
    refused = kick((actions & RUN_COMMANDS) != 0, commandWork, refused);
    refused = kick((actions & RUN_REGISTERS) != 0, registerWork, refused);
    refused = kick((actions & RUN_PAGES) != 0, pageWork, refused);
    refused = kick((actions & RUN_QUEUE) != 0, queueWork, refused);
    if (refused != null) {
      throw refused;
    }
  }

  /** Kicks a place if asked to; the turn stays asked for when an inline one cannot wait. */
  private static IllegalStateException kick(
      boolean wanted, WorkQueue place, IllegalStateException earlier) {
    if (wanted) {
      try {
        place.kick();
      } catch (IllegalStateException e) {
        return earlier == null ? e : earlier;
      }
    }
    return earlier;
  }
}
