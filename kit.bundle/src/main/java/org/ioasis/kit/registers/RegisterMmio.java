package org.ioasis.kit.registers;

import org.ioasis.api.machine.Mmio;

/**
 * A register file as software sees it.
 *
 * <p><b>Threading:</b> any thread. Reads take no lock; a write runs between {@code enter} and
 * {@code leave}, with which the unit serialises writes.
 */
public final class RegisterMmio implements Mmio {
  private final RegisterFile<?> registers;
  private final Runnable enter;
  private final Runnable leave;

  /**
   * The side of software.
   *
   * @param enter takes the unit's lock
   * @param leave lets it go, and does what is due then
   */
  public RegisterMmio(RegisterFile<?> registers, Runnable enter, Runnable leave) {
    this.registers = registers;
    this.enter = enter;
    this.leave = leave;
  }

  @Override
  public long size() {
    return registers.table().size();
  }

  @Override
  public int read32(long offset) {
    return (int) registers.read(offset, Integer.BYTES);
  }

  @Override
  public long read64(long offset) {
    return registers.read(offset, Long.BYTES);
  }

  @Override
  public void write32(long offset, int value) {
    write(offset, Integer.BYTES, Integer.toUnsignedLong(value));
  }

  @Override
  public void write64(long offset, long value) {
    write(offset, Long.BYTES, value);
  }

  private void write(long offset, int bytes, long value) {
    enter.run();
    try {
      registers.write(offset, bytes, value);
    } finally {
      leave.run();
    }
  }
}
