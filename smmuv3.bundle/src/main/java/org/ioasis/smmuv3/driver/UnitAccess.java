package org.ioasis.smmuv3.driver;

import java.util.concurrent.locks.ReentrantLock;
import org.ioasis.api.machine.InterruptSource;
import org.ioasis.api.machine.Mmio;
import org.ioasis.api.machine.TimeSource;
import org.ioasis.kit.driver.UnitWait;
import org.ioasis.kit.layout.Field;
import org.ioasis.smmuv3.format.Cr0;
import org.ioasis.smmuv3.format.Gbpa;
import org.ioasis.smmuv3.format.IrqCfg;
import org.ioasis.smmuv3.format.RegisterMap;

/**
 * The unit&#39;s registers and their handshakes: a bit of CR0 or IRQ_CTRL holds once its
 * acknowledge register says so. "SMMU_CR0", "SMMU_CR0ACK", "SMMU_IRQ_CTRL".
 *
 * <p><b>Threading:</b> any thread; {@code lock} serialises handshakes and is held while one is
 * waited for.
 */
final class UnitAccess {
  /** Device-nGnRE, for messages. */
  private static final int MESSAGE_ATTRIBUTES = 1;

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

  UnitWait waiting() {
    return wait;
  }

  long read32(int register) {
    return mmio.read32(register) & 0xFFFF_FFFFL;
  }

  void write32(int register, long value) {
    mmio.write32(register, (int) value);
  }

  long read64(int register) {
    return mmio.read64(register);
  }

  void write64(int register, long value) {
    mmio.write64(register, value);
  }

  boolean isOn(Field field) {
    return field.isSet(read32(RegisterMap.CR0ACK));
  }

  /** Switches a bit of CR0 and waits until it holds. */
  void level(Field field, boolean on) {
    lock.lock();
    try {
      long now = read32(RegisterMap.CR0);
      handshake(on ? now | field.mask() : now & ~field.mask());
    } finally {
      lock.unlock();
    }
  }

  private void handshake(long value) {
    write32(RegisterMap.CR0, value);
    wait.require(() -> read32(RegisterMap.CR0ACK) == value, "CR0ACK=0x%x".formatted(value));
  }

  /** Takes everything the unit was doing away from it; nothing passes meanwhile or after. */
  void switchOff() {
    lock.lock();
    try {
      write32(RegisterMap.GBPA, Gbpa.UPDATE.mask() | Gbpa.ABORT.mask());
      wait.require(() -> !Gbpa.UPDATE.isSet(read32(RegisterMap.GBPA)), "GBPA.Update=0");
      interrupts(0);
      handshake(0);
    } finally {
      lock.unlock();
    }
  }

  /** Switches interrupts on or off and waits until that holds. */
  void interrupts(long enable) {
    write32(RegisterMap.IRQ_CTRL, enable);
    wait.require(
        () -> read32(RegisterMap.IRQ_CTRLACK) == enable, "IRQ_CTRLACK=0x%x".formatted(enable));
  }

  /**
   * Programs a message.
   *
   * @param registers the first of its three registers
   */
  void message(int registers, InterruptSource.Vector vector) {
    write64(registers, IrqCfg.ADDR.ofInPlace(vector.address()));
    write32(registers + 8, vector.data());
    write32(registers + 12, MESSAGE_ATTRIBUTES);
  }

  /** Whether translated transactions are checked and everything translates. */
  boolean translates() {
    return isOn(Cr0.SMMUEN);
  }
}
