package org.ioasis.amdvi.driver;

import java.util.concurrent.locks.ReentrantLock;
import org.ioasis.amdvi.format.Control;
import org.ioasis.amdvi.format.MsiCapability;
import org.ioasis.amdvi.format.RegisterMap;
import org.ioasis.amdvi.format.Status;
import org.ioasis.api.machine.InterruptSource;
import org.ioasis.api.machine.Mmio;
import org.ioasis.api.machine.TimeSource;
import org.ioasis.kit.driver.UnitWait;
import org.ioasis.kit.layout.Field;

/**
 * The unit&#39;s registers: control bits one after the other, and waiting for what they do.
 * "Control Register", "Status Register".
 *
 * <p><b>Threading:</b> any thread; {@code lock} serialises read-modify-writes of Control.
 */
final class UnitAccess {
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

  UnitWait waiting() {
    return wait;
  }

  long control() {
    return mmio.read64(RegisterMap.CONTROL);
  }

  boolean status(Field field) {
    return field.isSet(mmio.read64(RegisterMap.STATUS));
  }

  /** Clears conditions that happened. */
  void clearStatus(long conditions) {
    mmio.write64(RegisterMap.STATUS, conditions);
  }

  /** Sets or clears bits of Control. */
  void control(long bits, boolean on) {
    lock.lock();
    try {
      long now = control();
      mmio.write64(RegisterMap.CONTROL, on ? now | bits : now & ~bits);
    } finally {
      lock.unlock();
    }
  }

  /** Switches a ring and waits until the status says so. */
  void ring(Field enable, Field run, boolean on) {
    control(enable.mask(), on);
    wait.require(() -> status(run) == on, "Status." + run.name() + "=" + (on ? 1 : 0));
  }

  /** Takes everything the unit was doing away from it. */
  void switchOff() {
    mmio.write64(RegisterMap.CONTROL, Control.COHERENT.mask());
    wait.require(
        () -> !status(Status.CMD_BUF_RUN) && !status(Status.EVENT_LOG_RUN), "Status.CmdBufRun=0");
    clearStatus(Status.W1C);
  }

  /** Programs the unit&#39;s messages. */
  void message(InterruptSource.Vector vector) {
    mmio.write32(RegisterMap.MSI_ADDRESS_LOW, (int) vector.address());
    mmio.write32(RegisterMap.MSI_ADDRESS_HIGH, (int) (vector.address() >>> 32));
    mmio.write32(RegisterMap.MSI_DATA, vector.data());
    int header = mmio.read32(RegisterMap.MSI_HEADER);
    mmio.write32(RegisterMap.MSI_HEADER, header | (int) MsiCapability.EN.mask());
  }

  /** Ends the unit&#39;s messages. */
  void noMessage() {
    int header = mmio.read32(RegisterMap.MSI_HEADER);
    mmio.write32(RegisterMap.MSI_HEADER, header & ~(int) MsiCapability.EN.mask());
  }
}
