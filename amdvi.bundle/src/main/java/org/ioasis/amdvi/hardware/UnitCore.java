package org.ioasis.amdvi.hardware;

import java.util.concurrent.locks.ReentrantLock;
import org.ioasis.amdvi.format.Control;
import org.ioasis.amdvi.format.DeviceTableBase;
import org.ioasis.amdvi.format.RegisterMap;
import org.ioasis.api.machine.UnitEnvironment;
import org.ioasis.api.machine.WorkQueue;
import org.ioasis.kit.layout.Field;
import org.ioasis.kit.registers.RegisterFile;

/**
 * What the parts of one unit share: its environment, its registers, the latched state, and the one
 * lock with the work that has to wait until the lock is free.
 *
 * <p><b>Threading:</b> {@code lock} serialises software's register writes, log entries and the
 * register changes of the command buffer's turns. It is a leaf: nothing is called under it but the
 * register file and memory. Whoever decides under it that an interrupt or a turn is due says {@link
 * #later}; {@link #leave} does it with the lock released. A translation that does not fault takes
 * no lock; it reads {@link #latched} once.
 */
final class UnitCore {
  /** Things to do when the lock is free. */
  static final int GENERAL_MESSAGE = 1, PPR_MESSAGE = 2, RUN_COMMANDS = 4;

  final UnitEnvironment environment;
  final Capabilities capabilities;
  final RegisterFile<AmdviUnit> registers;

  /** What the hardware works with; written under the lock. */
  volatile Latched latched = Latched.RESET;

  private final ReentrantLock lock = new ReentrantLock();
  private final OwnInterrupts interrupts;
  private int due;
  private WorkQueue commandWork;

  UnitCore(
      UnitEnvironment environment, Capabilities capabilities, RegisterFile<AmdviUnit> registers) {
    this.environment = environment;
    this.capabilities = capabilities;
    this.registers = registers;
    this.interrupts = new OwnInterrupts(environment, registers);
  }

  /** Says where commands take their turns; once, before the first register write. */
  void place(WorkQueue commands) {
    commandWork = commands;
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
    if (actions == 0) {
      return;
    }
    if ((actions & GENERAL_MESSAGE) != 0) {
      interrupts.send(RegisterMap.XT_INT_GENERAL);
    }
    if ((actions & PPR_MESSAGE) != 0) {
      interrupts.send(RegisterMap.XT_INT_PPR);
    }
    if ((actions & RUN_COMMANDS) != 0) {
      commandWork.kick();
    }
  }

  /** CONTROL. */
  long control() {
    return registers.peek(RegisterMap.CONTROL);
  }

  /** Takes the registers that requests are translated with. Under the lock. */
  void latch() {
    long[] bases = new long[DeviceTableBase.SEGMENTS];
    for (int segment = 0; segment < bases.length; segment++) {
      bases[segment] = registers.peek(RegisterMap.segmentBase(segment));
    }
    latched =
        new Latched(
            control(),
            bases,
            registers.peek(RegisterMap.EXCL_BASE),
            registers.peek(RegisterMap.EXCL_LIMIT),
            capabilities.choices().noExclusion());
  }

  /** Whether one of the bits of CONTROL changes from one value to another. */
  static boolean changes(long value, long old, long bits) {
    return ((value ^ old) & bits) != 0;
  }

  /** Whether the unit and one of its rings are enabled in a value of CONTROL. */
  static boolean enables(long control, Field ring) {
    return Control.IOMMU_EN.isSet(control) && ring.isSet(control);
  }
}
