package org.ioasis.smmuv3.hardware;

import java.util.ArrayDeque;
import java.util.concurrent.locks.ReentrantLock;
import org.ioasis.api.machine.UnitEnvironment;
import org.ioasis.api.machine.WorkQueue;
import org.ioasis.kit.registers.RegisterFile;
import org.ioasis.smmuv3.format.Cr0;
import org.ioasis.smmuv3.format.Gerror;
import org.ioasis.smmuv3.format.IrqCfg;
import org.ioasis.smmuv3.format.IrqCtrl;
import org.ioasis.smmuv3.format.RegisterMap;

/**
 * What the parts of one unit share: its environment, its registers, the latched state, global
 * errors and interrupts, and the one lock with the work that has to wait until the lock is free.
 *
 * <p><b>Threading:</b> {@code lock} serialises software's register writes, records and the register
 * changes of the work turns. It is a leaf: nothing is called under it but the register file, the
 * caches and memory. Whoever decides under it that a message, a turn or a call to a device is due
 * says {@link #later}; {@link #leave} does it with the lock released. A transaction that is
 * translated takes no lock; it reads {@link #latched} once.
 */
final class UnitCore {
  /** Things to do when the lock is free. */
  static final int EVENT_MESSAGE = 1,
      PRI_MESSAGE = 2,
      GERROR_MESSAGE = 4,
      RUN_COMMANDS = 8,
      RUN_ENABLES = 16;

  final UnitEnvironment environment;
  final Capabilities capabilities;
  final RegisterFile<SmmuUnit> registers;

  /** What the hardware works with; written under the lock. */
  volatile Latched latched;

  private final ReentrantLock lock = new ReentrantLock();
  private final ArrayDeque<Runnable> calls = new ArrayDeque<>();
  private final long addressMask;
  private int due;
  private WorkQueue commandWork;
  private WorkQueue enableWork;

  UnitCore(
      UnitEnvironment environment, Capabilities capabilities, RegisterFile<SmmuUnit> registers) {
    this.environment = environment;
    this.capabilities = capabilities;
    this.registers = registers;
    this.addressMask = (1L << capabilities.oas()) - 1;
    latch(0);
  }

  /** Says where the kinds of work take their turns; once, before the first register write. */
  void place(WorkQueue commands, WorkQueue enables) {
    commandWork = commands;
    enableWork = enables;
  }

  /**
   * Takes over what registers say. Under the lock, or before anybody else has the unit.
   *
   * @param cr0 the enables to work with
   */
  void latch(long cr0) {
    latched =
        Latched.of(
            capabilities,
            cr0,
            registers.peek(RegisterMap.CR2),
            registers.peek(RegisterMap.STRTAB_BASE),
            registers.peek(RegisterMap.STRTAB_BASE_CFG),
            registers.peek(RegisterMap.GBPA));
  }

  /** Whether an enable is asked for or not yet gone: what guards registers. */
  boolean isGuarded(long enables) {
    return ((registers.peek(RegisterMap.CR0) | registers.peek(RegisterMap.CR0ACK)) & enables) != 0;
  }

  /** Whether PRIQEN counts: only with SMMUEN. */
  boolean isPriEnabled() {
    long both = Cr0.PRIQEN.mask() | Cr0.SMMUEN.mask();
    return (registers.peek(RegisterMap.CR0) & both) == both;
  }

  /** An address as the unit puts it out: bits above OAS are cut. */
  long truncated(long address) {
    return address & addressMask;
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

  /** Asks for a call to a device when the lock is free; only under the lock. */
  void later(Runnable call) {
    assert lock.isHeldByCurrentThread();
    calls.add(call);
  }

  /**
   * Releases the lock and does what became due.
   *
   * @throws IllegalStateException if an inline turn would wait for the caller's own open burst
   */
  void leave() {
    int actions = due;
    due = 0;
    Runnable[] now = calls.isEmpty() ? null : calls.toArray(Runnable[]::new);
    calls.clear();
    lock.unlock();
    if (now != null) {
      for (Runnable call : now) {
        call.run();
      }
    }
    if (actions != 0) {
      act(actions);
    }
  }

  private void act(int actions) {
    if ((actions & EVENT_MESSAGE) != 0) {
      send(RegisterMap.EVENTQ_IRQ_CFG0, Gerror.MSI_EVENTQ_ABT_ERR.mask());
    }
    if ((actions & PRI_MESSAGE) != 0) {
      send(RegisterMap.PRIQ_IRQ_CFG0, Gerror.MSI_PRIQ_ABT_ERR.mask());
    }
    if ((actions & GERROR_MESSAGE) != 0) {
      send(RegisterMap.GERROR_IRQ_CFG0, Gerror.MSI_GERROR_ABT_ERR.mask());
    }
    IllegalStateException refused = kick((actions & RUN_ENABLES) != 0, enableWork, null);
    refused = kick((actions & RUN_COMMANDS) != 0, commandWork, refused);
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

  // Interrupts and global errors. "Interrupts and notifications", "Global error recording".

  /** Sends the message of one source, if it has an address; without the lock. */
  private void send(int cfg0, long error) {
    if (capabilities.msi()) {
      send(IrqCfg.ADDR.inPlace(registers.peek(cfg0)), (int) registers.peek(cfg0 + 8), error);
    }
  }

  /**
   * Sends a message; one that meets nothing is lost and becomes an error. Without the lock.
   *
   * @param address 0 for none
   * @param error bit of GERROR
   */
  void send(long address, int data, long error) {
    if (address == 0 || environment.tryRaiseMsi(truncated(address), data)) {
      return;
    }
    enter();
    try {
      raise(error);
    } finally {
      leave();
    }
  }

  /** Whether an interrupt source is enabled. */
  boolean isInterrupting(long enable) {
    return (registers.peek(RegisterMap.IRQ_CTRL) & enable) != 0;
  }

  /** Whether an error is active. */
  boolean isActive(long error) {
    long differ = registers.peek(RegisterMap.GERROR) ^ registers.peek(RegisterMap.GERRORN);
    return (differ & error) != 0;
  }

  /** Activates an error unless it is active. Under the lock. */
  void raise(long error) {
    if (isActive(error)) {
      return;
    }
    registers.poke(RegisterMap.GERROR, registers.peek(RegisterMap.GERROR) ^ error);
    if (error != Gerror.MSI_GERROR_ABT_ERR.mask() && isInterrupting(IrqCtrl.GERROR_IRQEN.mask())) {
      later(GERROR_MESSAGE);
    }
  }
}
