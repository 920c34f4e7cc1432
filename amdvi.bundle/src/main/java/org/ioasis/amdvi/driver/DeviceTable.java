package org.ioasis.amdvi.driver;

import org.ioasis.amdvi.format.DeviceTableBase;
import org.ioasis.amdvi.format.Dte;
import org.ioasis.amdvi.format.RegisterMap;
import org.ioasis.api.memory.PhysicalMemory;

/**
 * The device table: one run of 2 MiB, an entry for every DeviceID, all of them blocked until a
 * device is attached. "Device Table".
 *
 * <p><b>Changing a live entry.</b> The unit reads 256 bits at once, memory stores 128 at once. If
 * the upper half stays, the lower one is replaced by a single store and every request meets the old
 * entry or the new one. If it changes, the entry is blocked, invalidated, and then filled from the
 * top.
 *
 * <p><b>Threading:</b> any thread; entries of one device by one thread at a time.
 */
final class DeviceTable {
  private static final int BYTES_LG2 = 21;
  private static final int ENTRIES = 1 << 16;

  private final DriverCore core;
  private final PhysicalMemory memory;
  private long base;

  DeviceTable(DriverCore core) {
    this.core = core;
    this.memory = core.environment().memory();
  }

  /** Allocates a table of blocked entries and tells the unit. */
  void start() {
    base = core.tables().allocate(BYTES_LG2);
    for (int id = 0; id < ENTRIES; id++) {
      memory.store64(at(id), Entry.BLOCKED.word0());
    }
    memory.barrier();
    core.unit().mmio().write64(RegisterMap.DEV_TAB_BASE, register(base));
  }

  private static long register(long address) {
    return DeviceTableBase.ADDRESS.ofInPlace(address)
        | DeviceTableBase.SIZE.of(DeviceTableBase.SIZE.max());
  }

  /** Goes on with the table that the unit has; false if it is none that this class made. */
  boolean adopt() {
    long now = core.unit().mmio().read64(RegisterMap.DEV_TAB_BASE);
    base = DeviceTableBase.ADDRESS.inPlace(now);
    return now == register(base);
  }

  /** Counts the table as held. */
  void adopted() {
    core.tables().adopted(base, BYTES_LG2);
  }

  /** Gives the memory back; the unit is off. */
  void free() {
    core.tables().free(base, BYTES_LG2);
  }

  private long at(int deviceId) {
    return base + (long) Dte.BYTES * deviceId;
  }

  /** The entry of a device. */
  Entry read(int deviceId) {
    long at = at(deviceId);
    return new Entry(
        memory.load64(at), memory.load64(at + 8), memory.load64(at + 16), memory.load64(at + 24));
  }

  /** Whether a change of this kind needs no window. */
  boolean isHitless(int deviceId, Entry entry) {
    Entry now = read(deviceId);
    return now.word2() == entry.word2() && now.word3() == entry.word3();
  }

  /** Replaces the entry of a device and makes the unit see it; waits. */
  void write(int deviceId, Entry entry) {
    long at = at(deviceId);
    if (!isHitless(deviceId, entry)) {
      storeLow(at, Entry.BLOCKED);
      invalidate(deviceId);
      memory.store64(at + 16, entry.word2());
      memory.store64(at + 24, entry.word3());
      memory.barrier();
    }
    storeLow(at, entry);
    invalidate(deviceId);
  }

  private void storeLow(long at, Entry entry) {
    memory.store128(at, entry.word0(), entry.word1());
    memory.barrier();
  }

  private void invalidate(int deviceId) {
    core.ring().run(new CommandList().deviceEntry(deviceId));
  }

  /** Calls back for every entry that is not the blocked one. */
  void forEach(Visitor visitor) {
    for (int id = 0; id < ENTRIES; id++) {
      Entry entry = read(id);
      if (!entry.equals(Entry.BLOCKED)) {
        visitor.entry(id, entry);
      }
    }
  }

  /** Takes entries. */
  interface Visitor {
    /** An entry. */
    void entry(int deviceId, Entry entry);
  }

  /** The four words of an entry. */
  record Entry(long word0, long word1, long word2, long word3) {
    /** Valid, and grants nothing. */
    static final Entry BLOCKED = new Entry(Dte.V.mask() | Dte.TV.mask(), 0, 0, 0);
  }
}
