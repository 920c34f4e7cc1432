package org.ioasis.vtd.driver;

import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.ioasis.api.machine.Mmio;
import org.ioasis.api.machine.TimeSource;
import org.ioasis.kit.driver.UnitWait;
import org.ioasis.kit.layout.Field;
import org.ioasis.vtd.format.Gcmd;
import org.ioasis.vtd.format.RegisterMap;

/**
 * The unit's registers and the protocol of its global commands: one field per write, then wait for
 * the status. VT-d, "Global Command Register".
 *
 * <p><b>Threading:</b> any thread; {@code lock} serialises commands and is held while one is waited
 * for.
 */
final class UnitAccess {
  private static final int ONE_SHOT =
      (int) (Gcmd.SRTP.mask() | Gcmd.SFL.mask() | Gcmd.WBF.mask() | Gcmd.SIRTP.mask());

  private final String unitId;
  private final Mmio mmio;
  private final UnitWait wait;
  private final ReentrantLock lock = new ReentrantLock();

  UnitAccess(String unitId, Mmio mmio, TimeSource time, long timeoutNanos) {
    this.unitId = unitId;
    this.mmio = mmio;
    this.wait = new UnitWait(unitId, time, timeoutNanos);
  }

  String unitId() {
    return unitId;
  }

  Mmio mmio() {
    return mmio;
  }

  long nanoTime() {
    return wait.nanoTime();
  }

  /** Whether a status bit is set, by the field of the command. */
  boolean status(Field field) {
    return field.isSet(mmio.read32(RegisterMap.GSTS));
  }

  /** Switches a level field and waits until the status says so. */
  void level(Field field, boolean on) {
    lock.lock();
    try {
      int status = mmio.read32(RegisterMap.GSTS) & ~ONE_SHOT;
      int bit = (int) field.mask();
      mmio.write32(RegisterMap.GCMD, on ? status | bit : status & ~bit);
      require(() -> status(field) == on, "GSTS." + field.name() + "S=" + (on ? 1 : 0));
    } finally {
      lock.unlock();
    }
  }

  /** Makes the unit take RTADDR. */
  void takeRootPointer() {
    lock.lock();
    try {
      int status = mmio.read32(RegisterMap.GSTS) & ~ONE_SHOT;
      mmio.write32(RegisterMap.GCMD, status | (int) Gcmd.SRTP.mask());
      require(() -> status(Gcmd.SRTP), "GSTS.RTPS=1");
    } finally {
      lock.unlock();
    }
  }

  /** Makes the unit take IRTA. */
  void takeInterruptPointer() {
    lock.lock();
    try {
      int status = mmio.read32(RegisterMap.GSTS) & ~ONE_SHOT;
      mmio.write32(RegisterMap.GCMD, status | (int) Gcmd.SIRTP.mask());
      require(() -> status(Gcmd.SIRTP), "GSTS.IRTPS=1");
    } finally {
      lock.unlock();
    }
  }

  /** Flushes the write buffers of a unit with CAP.RWBF. */
  void flushWriteBuffers() {
    lock.lock();
    try {
      int status = mmio.read32(RegisterMap.GSTS) & ~ONE_SHOT;
      mmio.write32(RegisterMap.GCMD, status | (int) Gcmd.WBF.mask());
      require(() -> !status(Gcmd.WBF), "GSTS.WBFS=0");
    } finally {
      lock.unlock();
    }
  }

  /** Waits; false after the driver's time-out. */
  boolean await(BooleanSupplier condition) {
    return wait.await(condition);
  }

  /** Waits longer than usual, for what devices take part in; false after the time-out. */
  boolean await(BooleanSupplier condition, long moreNanos) {
    return wait.await(condition, moreNanos);
  }

  /** Bounded waiting. */
  UnitWait waiting() {
    return wait;
  }

  /** Waits for a register to say something. */
  void require(BooleanSupplier condition, String what) {
    wait.require(condition, what);
  }

  /** The time-out of one wait. */
  long timeoutMillis() {
    return wait.timeoutMillis();
  }
}
