package org.ioasis.vtd.hardware;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.ioasis.api.memory.MemoryStatus;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.api.memory.Word128;

/**
 * A map of 64-bit words: RAM from 0 to an end, 0 where nothing was stored. Small enough to be
 * believed by reading it, and independent of the machine bundle's memory.
 */
class TestMemory implements PhysicalMemory {
  private final Map<Long, Long> words = new ConcurrentHashMap<>();
  private final long end;

  /** Called before every 64-bit load with its address; tests put another agent's stores here. */
  Runnable beforeExchange = () -> {};

  TestMemory(long end) {
    this.end = end;
  }

  /** Stores words at addresses: {@code at(0x1000, 1, 2)} stores 1 at 1000h and 2 at 1008h. */
  TestMemory at(long address, long... values) {
    for (int i = 0; i < values.length; i++) {
      words.put(address + 8L * i, values[i]);
    }
    return this;
  }

  /** What was ever stored, for comparing before and after. */
  Map<Long, Long> snapshot() {
    return new HashMap<>(words);
  }

  @Override
  public int addressBits() {
    return 52;
  }

  @Override
  public MemoryStatus status(long address, long length) {
    return address >= 0 && length >= 0 && address + length <= end && address + length >= 0
        ? MemoryStatus.OK
        : MemoryStatus.ABSENT;
  }

  private boolean isAbsent(long address, int bytes) {
    return status(address, bytes) != MemoryStatus.OK;
  }

  @Override
  public long load64(long address) {
    return isAbsent(address, 8) ? -1 : words.getOrDefault(address, 0L);
  }

  @Override
  public byte load8(long address) {
    return (byte) (load64(address & -8) >>> (8 * (address & 7)));
  }

  @Override
  public short load16(long address) {
    return (short) (load64(address & -8) >>> (8 * (address & 7)));
  }

  @Override
  public int load32(long address) {
    return (int) (load64(address & -8) >>> (8 * (address & 7)));
  }

  @Override
  public MemoryStatus load128(long address, Word128 into) {
    into.set(load64(address), load64(address + 8));
    return status(address, 16);
  }

  @Override
  public boolean store64(long address, long value) {
    if (isAbsent(address, 8)) {
      return false;
    }
    words.put(address, value);
    return true;
  }

  private boolean insert(long address, long value, long mask) {
    int shift = (int) (8 * (address & 7));
    long old = load64(address & -8);
    return store64(address & -8, (old & ~(mask << shift)) | (value & mask) << shift);
  }

  @Override
  public boolean store8(long address, byte value) {
    return insert(address, value, 0xFF);
  }

  @Override
  public boolean store16(long address, short value) {
    return insert(address, value, 0xFFFF);
  }

  @Override
  public boolean store32(long address, int value) {
    return insert(address, value, 0xFFFF_FFFFL);
  }

  @Override
  public boolean store128(long address, long lo, long hi) {
    return store64(address, lo) && store64(address + 8, hi);
  }

  @Override
  public int compareAndExchange32(long address, int expected, int value) {
    int found = load32(address);
    if (found == expected) {
      store32(address, value);
    }
    return found;
  }

  @Override
  public synchronized long compareAndExchange64(long address, long expected, long value) {
    beforeExchange.run();
    long found = load64(address);
    if (found == expected) {
      store64(address, value);
    }
    return found;
  }

  @Override
  public synchronized long getAndSet64(long address, long value) {
    long found = load64(address);
    store64(address, value);
    return found;
  }

  @Override
  public synchronized long getAndAdd64(long address, long addend) {
    long found = load64(address);
    store64(address, found + addend);
    return found;
  }

  @Override
  public synchronized boolean compareAndSet128(long address, Word128 expected, long lo, long hi) {
    long foundLo = load64(address);
    long foundHi = load64(address + 8);
    if (foundLo == expected.lo() && foundHi == expected.hi()) {
      return store128(address, lo, hi);
    }
    expected.set(foundLo, foundHi);
    return false;
  }

  @Override
  public MemoryStatus read(long address, ByteBuffer into) {
    for (long at = address; into.hasRemaining(); at++) {
      into.put(load8(at));
    }
    return MemoryStatus.OK;
  }

  @Override
  public MemoryStatus write(long address, ByteBuffer from) {
    ByteBuffer source = from.order(ByteOrder.LITTLE_ENDIAN);
    long at = address;
    while (source.remaining() >= 8 && (at & 7) == 0) {
      store64(at, source.getLong());
      at += 8;
    }
    while (source.hasRemaining()) {
      store8(at++, source.get());
    }
    return MemoryStatus.OK;
  }

  @Override
  public MemoryStatus fill(long address, long length, byte value) {
    for (long at = address; at < address + length; at++) {
      store8(at, value);
    }
    return MemoryStatus.OK;
  }

  @Override
  public void barrier() {}

  @Override
  public MemoryStatus clean(long address, long length) {
    return MemoryStatus.OK;
  }
}
