package org.ioasis.smmuv3.hardware;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.ioasis.api.memory.MemoryStatus;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.api.memory.Word128;

/**
 * 64-bit words by address, 0 where nothing was stored: cheap enough to have one for every race. A
 * unit reads and writes whole words only, so parts of words have no stores here.
 *
 * <p><b>Threading:</b> any thread; each word is volatile.
 */
final class RaceMemory implements PhysicalMemory {
  private final Map<Long, Long> words = new ConcurrentHashMap<>();

  /** Stores words one behind the other. */
  RaceMemory at(long address, long... values) {
    for (int i = 0; i < values.length; i++) {
      words.put(address + 8L * i, values[i]);
    }
    return this;
  }

  @Override
  public int addressBits() {
    return 52;
  }

  @Override
  public MemoryStatus status(long address, long length) {
    return address >>> addressBits() == 0 ? MemoryStatus.OK : MemoryStatus.ABSENT;
  }

  @Override
  public long load64(long address) {
    return words.getOrDefault(address, 0L);
  }

  private long part(long address) {
    return load64(address & -8) >>> 8 * (address & 7);
  }

  @Override
  public byte load8(long address) {
    return (byte) part(address);
  }

  @Override
  public short load16(long address) {
    return (short) part(address);
  }

  @Override
  public int load32(long address) {
    return (int) part(address);
  }

  @Override
  public MemoryStatus load128(long address, Word128 into) {
    into.set(load64(address), load64(address + 8));
    return MemoryStatus.OK;
  }

  @Override
  public boolean store64(long address, long value) {
    words.put(address, value);
    return true;
  }

  @Override
  public boolean store8(long address, byte value) {
    throw new UnsupportedOperationException("no race stores a byte");
  }

  @Override
  public boolean store16(long address, short value) {
    throw new UnsupportedOperationException("no race stores 16 bits");
  }

  @Override
  public boolean store32(long address, int value) {
    throw new UnsupportedOperationException("no race stores 32 bits");
  }

  @Override
  public boolean store128(long address, long lo, long hi) {
    return store64(address, lo) & store64(address + 8, hi);
  }

  @Override
  public int compareAndExchange32(long address, int expected, int value) {
    throw new UnsupportedOperationException("no race exchanges 32 bits");
  }

  @Override
  public long compareAndExchange64(long address, long expected, long value) {
    long[] found = new long[1];
    words.compute(
        address,
        (key, word) -> {
          found[0] = word == null ? 0 : word;
          return found[0] == expected ? Long.valueOf(value) : word;
        });
    return found[0];
  }

  @Override
  public long getAndSet64(long address, long value) {
    Long found = words.put(address, value);
    return found == null ? 0 : found;
  }

  @Override
  public long getAndAdd64(long address, long addend) {
    return words.merge(address, addend, Long::sum) - addend;
  }

  @Override
  public boolean compareAndSet128(long address, Word128 expected, long lo, long hi) {
    throw new UnsupportedOperationException("no race exchanges 128 bits");
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
    throw new UnsupportedOperationException("no race stores bytes");
  }

  @Override
  public MemoryStatus fill(long address, long length, byte value) {
    throw new UnsupportedOperationException("no race fills");
  }

  @Override
  public void barrier() {}

  @Override
  public MemoryStatus clean(long address, long length) {
    return MemoryStatus.OK;
  }

  /** The structures and tables of {@link Rig#start}. */
  static RaceMemory programmed() {
    return new RaceMemory()
        .at(Rig.STREAMS + 64, 0xBL | Rig.CD, 0, 0, 0)
        .at(Rig.STREAMS + 128, 0xDL, 0, Rig.STE_Q2, Rig.S2TTB)
        .at(Rig.STREAMS + 192, 0xFL | Rig.CD, 0, Rig.STE_Q2, Rig.IDENTITY)
        .at(Rig.CD, Rig.CD_Q0, Rig.TTB, 0, 0xF404_FF44L)
        .at(Rig.TTB + 0x120, 0x40_1003L)
        .at(0x40_1688, 0x40_2003L)
        .at(0x40_2598, 0x40_3003L)
        .at(Rig.LEAF, Rig.PAGE | 0xF47)
        .at(Rig.S2TTB + 0x1300, 0x41_3003L)
        .at(0x41_3000 + 0x91 * 8, 0x41_4003L)
        .at(Rig.LEAF_2, 0x50_1000L | 0x7FF)
        .at(Rig.IDENTITY, 0x7FDL);
  }
}
