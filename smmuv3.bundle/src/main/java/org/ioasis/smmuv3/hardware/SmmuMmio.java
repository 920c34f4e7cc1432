package org.ioasis.smmuv3.hardware;

import org.ioasis.api.machine.Mmio;

/** The register pages as software sees them. Writes are serialised by the unit's lock. */
final class SmmuMmio implements Mmio {
  private static final long LOW = 0xFFFF_FFFFL;

  private final UnitCore core;

  SmmuMmio(UnitCore core) {
    this.core = core;
  }

  @Override
  public long size() {
    return core.registers.table().size();
  }

  @Override
  public int read32(long offset) {
    return (int) core.registers.read(offset, 4);
  }

  @Override
  public long read64(long offset) {
    return core.registers.read(offset, 8);
  }

  @Override
  public void write32(long offset, int value) {
    write(offset, 4, value & LOW);
  }

  @Override
  public void write64(long offset, long value) {
    write(offset, 8, value);
  }

  private void write(long offset, int bytes, long value) {
    core.enter();
    try {
      core.registers.write(offset, bytes, value);
    } finally {
      core.leave();
    }
  }
}
