package org.ioasis.kit.driver;

import java.nio.ByteBuffer;
import java.util.TreeMap;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.memory.FrameAllocator;
import org.ioasis.api.memory.FrameSink;
import org.ioasis.api.memory.MemoryStatus;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.api.memory.Word128;

/** Words that tell a test of every store, and frames that are found again when they leak. */
final class WatchedMemory implements PhysicalMemory, FrameAllocator {
  /** Told before a word changes. */
  interface Watch {
    void store(long address, long before, long after);
  }

  private static final int WORDS = 1 << 17;

  private final long[] words = new long[WORDS];
  private final TreeMap<Long, Integer> taken = new TreeMap<>();
  Watch watch = (address, before, after) -> {};
  int framesLeft = Integer.MAX_VALUE;

  @Override
  public int addressBits() {
    return 48;
  }

  @Override
  public MemoryStatus status(long address, long length) {
    return address >= 0 && address + length <= 8L * WORDS ? MemoryStatus.OK : MemoryStatus.ABSENT;
  }

  @Override
  public long load64(long address) {
    return words[(int) (address >>> 3)];
  }

  @Override
  public boolean store64(long address, long value) {
    watch.store(address, load64(address), value);
    words[(int) (address >>> 3)] = value;
    return true;
  }

  @Override
  public long compareAndExchange64(long address, long expected, long value) {
    long found = load64(address);
    if (found == expected) {
      store64(address, value);
    }
    return found;
  }

  @Override
  public long getAndSet64(long address, long value) {
    long found = load64(address);
    store64(address, value);
    return found;
  }

  @Override
  public long allocate(int sizeLg2) {
    if (framesLeft-- <= 0) {
      throw new IoasisException(Reason.EXHAUSTED, "no frames");
    }
    long size = 1L << sizeLg2;
    long at = 0x1000;
    for (var run : taken.entrySet()) {
      if (at + size <= run.getKey()) {
        break;
      }
      long end = run.getKey() + (1L << run.getValue());
      at = (end + size - 1) & -size;
    }
    at = (at + size - 1) & -size;
    taken.put(at, sizeLg2);
    for (long word = at; word < at + size; word += 8) {
      words[(int) (word >>> 3)] = 0;
    }
    return at;
  }

  @Override
  public void free(long address, int sizeLg2) {
    if (taken.get(address) == null || taken.remove(address) != sizeLg2) {
      throw new AssertionError("freed twice or wrongly: 0x%x".formatted(address));
    }
  }

  @Override
  public long allocatedBytes() {
    return taken.values().stream().mapToLong(lg2 -> 1L << lg2).sum();
  }

  @Override
  public String owner() {
    return "test";
  }

  @Override
  public void forEach(FrameSink sink) {
    taken.forEach(sink::frames);
  }

  @Override
  public void close() {}

  @Override
  public void barrier() {}

  @Override
  public MemoryStatus clean(long address, long length) {
    return MemoryStatus.OK;
  }

  private static UnsupportedOperationException unused() {
    return new UnsupportedOperationException("tables are made of words");
  }

  @Override
  public byte load8(long address) {
    throw unused();
  }

  @Override
  public short load16(long address) {
    throw unused();
  }

  @Override
  public int load32(long address) {
    throw unused();
  }

  @Override
  public MemoryStatus load128(long address, Word128 into) {
    throw unused();
  }

  @Override
  public boolean store8(long address, byte value) {
    throw unused();
  }

  @Override
  public boolean store16(long address, short value) {
    throw unused();
  }

  @Override
  public boolean store32(long address, int value) {
    throw unused();
  }

  @Override
  public boolean store128(long address, long lo, long hi) {
    throw unused();
  }

  @Override
  public int compareAndExchange32(long address, int expected, int value) {
    throw unused();
  }

  @Override
  public long getAndAdd64(long address, long addend) {
    throw unused();
  }

  @Override
  public boolean compareAndSet128(long address, Word128 expected, long lo, long hi) {
    throw unused();
  }

  @Override
  public MemoryStatus read(long address, ByteBuffer into) {
    throw unused();
  }

  @Override
  public MemoryStatus write(long address, ByteBuffer from) {
    throw unused();
  }

  @Override
  public MemoryStatus fill(long address, long length, byte value) {
    throw unused();
  }
}
