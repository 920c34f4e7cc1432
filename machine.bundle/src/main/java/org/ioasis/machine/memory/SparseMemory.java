package org.ioasis.machine.memory;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.util.List;
import org.ioasis.api.memory.MachineMemory;
import org.ioasis.api.memory.MemoryRegion;
import org.ioasis.api.memory.MemoryStatus;
import org.ioasis.api.memory.Word128;

/**
 * The memory of a machine: chunks of {@code long} words, filled on first touch from zero or from
 * the region's backing. The only implementation of the contract, and final, so that the loads of
 * every walk stay direct.
 *
 * <p><b>Why two directories.</b> A load finds its chunk in one, a store in the other; an entry that
 * the fast path may not use is an empty array, so the bound check of the word is the only test for
 * absent, poisoned, untouched and checkpointed memory ({@link ChunkStore} has the table). Small RAM
 * is one chunk and needs no directory ({@link Geometry}).
 *
 * <p><b>Sub-word stores</b> are a compare and set of the containing word, so they are single-copy
 * atomic and never lose a neighbour's. Byte-array views are not used: their atomic modes throw on
 * current JDKs.
 *
 * <p><b>Threading:</b> as the contract says. Words are read with acquire and written with release
 * or read-modify-write. An entry of a directory is a plain read of a reference and an acquire
 * fence, which pairs with the compare and set that published the chunk; it costs fewer instructions
 * than {@code getAcquire} on an array of arrays, and the four loads of a walk are mostly that.
 * 128-bit operations order themselves by {@link PairLocks}; a 64-bit store of one half between the
 * halves of a 128-bit compare and set makes it fail as a whole, and the half it had stored is taken
 * back, which only a concurrent 64-bit load of that half can see.
 */
public final class SparseMemory implements MachineMemory {
  private static final VarHandle WORDS = MethodHandles.arrayElementVarHandle(long[].class);
  private static final int MAX_PAIR_TRIES = 1 << 10;

  private final int addressBits;
  private final ChunkStore chunks;
  private final PairLocks pairs = new PairLocks();

  // The cut of an address, beside the data for the fast path.
  private final int chunkLg2;
  private final int wordMask;
  private final int tableShift;
  private final int tableMask;
  private final long beyond;
  private final boolean dense;
  private final long[][] flatLoads;
  private final long[][] flatStores;
  private final long[][][] rootLoads;
  private final long[][][] rootStores;

  /**
   * Makes a memory; no content is allocated.
   *
   * @param addressBits 32 to 56
   * @throws org.ioasis.api.IoasisException INVALID if regions overlap or leave the address width
   */
  public SparseMemory(int addressBits, List<MemoryRegion> regions) {
    this(addressBits, new RegionMap(regions, addressBits), null);
  }

  /** The same with a geometry to measure; null for the usual choice. */
  SparseMemory(int addressBits, RegionMap regions, Geometry given) {
    Geometry geometry = given == null ? Geometry.of(regions.last()) : given;
    this.addressBits = addressBits;
    chunks = new ChunkStore(regions, geometry);
    chunkLg2 = geometry.chunkLg2();
    wordMask = geometry.chunkWords() - 1;
    tableShift = chunkLg2 + geometry.tableBits();
    tableMask = (1 << geometry.tableBits()) - 1;
    beyond = -1L << geometry.coverBits();
    dense = geometry.isDense();
    flatLoads = dense ? null : chunks.loads.flat;
    flatStores = dense ? null : chunks.stores.flat;
    rootLoads = chunks.loads.root;
    rootStores = chunks.stores.root;
  }

  /** The chunk that may be loaded from directly, or an empty array. */
  private long[] loadable(long address) {
    long[][] table = flatLoads;
    int slot = (int) (address >>> chunkLg2);
    if (table == null) {
      if (dense) {
        return chunks.denseLoads;
      }
      table = rootLoads[(int) (address >>> tableShift)];
      VarHandle.acquireFence();
      slot &= tableMask;
    }
    long[] chunk = table[slot];
    VarHandle.acquireFence();
    return chunk;
  }

  /** The chunk that may be stored to directly, or an empty array. */
  private long[] storable(long address) {
    long[][] table = flatStores;
    int slot = (int) (address >>> chunkLg2);
    if (table == null) {
      if (dense) {
        return chunks.denseStores;
      }
      table = rootStores[(int) (address >>> tableShift)];
      VarHandle.acquireFence();
      slot &= tableMask;
    }
    long[] chunk = table[slot];
    VarHandle.acquireFence();
    return chunk;
  }

  private int wordOf(long address) {
    return (int) (address >>> 3) & wordMask;
  }

  /** The word that holds {@code bytes} at {@code address}; all ones if absent or poisoned. */
  private long wordSlow(long address, int bytes) {
    long[] chunk = chunks.fetch(address, bytes);
    return chunk == null ? -1 : (long) WORDS.getAcquire(chunk, wordOf(address));
  }

  /** The chunk for a store or a read-modify-write; null if absent or poisoned. */
  private long[] target(long address, int bytes) {
    if ((address & (beyond | bytes - 1)) == 0) {
      long[] chunk = storable(address);
      if (wordOf(address) < chunk.length) {
        return chunk;
      }
    }
    return chunks.claim(address, bytes);
  }

  @Override
  public int addressBits() {
    return addressBits;
  }

  @Override
  public MemoryStatus status(long address, long length) {
    return chunks.status(address, length);
  }

  @Override
  public long load64(long address) {
    if ((address & (beyond | 7)) == 0) {
      long[] chunk = loadable(address);
      int word = wordOf(address);
      if (word < chunk.length) {
        return (long) WORDS.getAcquire(chunk, word);
      }
    }
    return wordSlow(address, 8);
  }

  /** The word around {@code address}, for loads of less than 64 bits. */
  private long wordAround(long address, int bytes) {
    if ((address & (beyond | bytes - 1)) == 0) {
      long[] chunk = loadable(address);
      int word = wordOf(address);
      if (word < chunk.length) {
        return (long) WORDS.getAcquire(chunk, word);
      }
    }
    return wordSlow(address, bytes);
  }

  private static int bitOf(long address) {
    return ((int) address & 7) << 3;
  }

  @Override
  public int load32(long address) {
    return (int) (wordAround(address, 4) >>> bitOf(address));
  }

  @Override
  public short load16(long address) {
    return (short) (wordAround(address, 2) >>> bitOf(address));
  }

  @Override
  public byte load8(long address) {
    return (byte) (wordAround(address, 1) >>> bitOf(address));
  }

  @Override
  public boolean store64(long address, long value) {
    if ((address & (beyond | 7)) == 0) {
      long[] chunk = storable(address);
      int word = wordOf(address);
      if (word < chunk.length) {
        WORDS.setRelease(chunk, word, value);
        return true;
      }
    }
    return store64Slow(address, value);
  }

  private boolean store64Slow(long address, long value) {
    long[] chunk = chunks.claim(address, 8);
    if (chunk == null) {
      return false;
    }
    WORDS.setRelease(chunk, wordOf(address), value);
    return true;
  }

  /** Replaces the masked bits of the word around {@code address}. */
  private boolean storePart(long address, int bytes, long mask, long bits) {
    long[] chunk = target(address, bytes);
    if (chunk == null) {
      return false;
    }
    int shift = bitOf(address);
    merge(chunk, wordOf(address), mask << shift, (bits & mask) << shift);
    return true;
  }

  static void merge(long[] chunk, int word, long mask, long bits) {
    long seen = (long) WORDS.getAcquire(chunk, word);
    while (true) {
      long found = (long) WORDS.compareAndExchange(chunk, word, seen, (seen & ~mask) | bits);
      if (found == seen) {
        return;
      }
      seen = found;
    }
  }

  @Override
  public boolean store32(long address, int value) {
    return storePart(address, 4, 0xFFFF_FFFFL, value);
  }

  @Override
  public boolean store16(long address, short value) {
    return storePart(address, 2, 0xFFFF, value);
  }

  @Override
  public boolean store8(long address, byte value) {
    return storePart(address, 1, 0xFF, value);
  }

  @Override
  public int compareAndExchange32(long address, int expected, int value) {
    long[] chunk = target(address, 4);
    if (chunk == null) {
      return -1;
    }
    int word = wordOf(address);
    int shift = bitOf(address);
    long mask = 0xFFFF_FFFFL << shift;
    long seen = (long) WORDS.getAcquire(chunk, word);
    while ((int) (seen >>> shift) == expected) {
      long next = (seen & ~mask) | (value & 0xFFFF_FFFFL) << shift;
      long found = (long) WORDS.compareAndExchange(chunk, word, seen, next);
      if (found == seen) {
        return expected;
      }
      seen = found;
    }
    return (int) (seen >>> shift);
  }

  @Override
  public long compareAndExchange64(long address, long expected, long value) {
    long[] chunk = target(address, 8);
    return chunk == null
        ? -1
        : (long) WORDS.compareAndExchange(chunk, wordOf(address), expected, value);
  }

  @Override
  public long getAndSet64(long address, long value) {
    long[] chunk = target(address, 8);
    return chunk == null ? -1 : (long) WORDS.getAndSet(chunk, wordOf(address), value);
  }

  @Override
  public long getAndAdd64(long address, long addend) {
    long[] chunk = target(address, 8);
    return chunk == null ? -1 : (long) WORDS.getAndAdd(chunk, wordOf(address), addend);
  }

  @Override
  public MemoryStatus load128(long address, Word128 into) {
    long[] chunk = chunks.fetch(address, 16);
    if (chunk == null) {
      into.set(-1, -1);
      return refusal(address, 16);
    }
    int word = wordOf(address);
    for (int tries = 0; tries < MAX_PAIR_TRIES; tries++) {
      int version = pairs.readBegin(address);
      if (readPair(chunk, word, into) && pairs.validate(address, version)) {
        return MemoryStatus.OK;
      }
    }
    pairs.lock(address); // writers of whole pairs stay out; those of halves cannot be stopped
    try {
      for (int tries = 0; tries < MAX_PAIR_TRIES && !readPair(chunk, word, into); tries++) {
        Thread.onSpinWait();
      }
    } finally {
      pairs.unlock(address);
    }
    return MemoryStatus.OK;
  }

  /** Reads both halves; false if the low half changed meanwhile. */
  private static boolean readPair(long[] chunk, int word, Word128 into) {
    long lo = (long) WORDS.getAcquire(chunk, word);
    long hi = (long) WORDS.getAcquire(chunk, word + 1);
    into.set(lo, hi);
    return (long) WORDS.getAcquire(chunk, word) == lo;
  }

  private MemoryStatus refusal(long address, int bytes) {
    MemoryStatus status = chunks.status(address, bytes);
    return status == MemoryStatus.OK ? MemoryStatus.POISONED : status; // healed just now
  }

  @Override
  public boolean store128(long address, long lo, long hi) {
    long[] chunk = target(address, 16);
    if (chunk == null) {
      return false;
    }
    int word = wordOf(address);
    pairs.lock(address);
    try {
      WORDS.setRelease(chunk, word, lo);
      WORDS.setRelease(chunk, word + 1, hi);
    } finally {
      pairs.unlock(address);
    }
    return true;
  }

  @Override
  public boolean compareAndSet128(long address, Word128 expected, long lo, long hi) {
    long[] chunk = target(address, 16);
    if (chunk == null) {
      expected.set(-1, -1);
      return false;
    }
    int word = wordOf(address);
    pairs.lock(address);
    try {
      long foundHi = (long) WORDS.compareAndExchange(chunk, word + 1, expected.hi(), hi);
      if (foundHi != expected.hi()) {
        expected.set((long) WORDS.getAcquire(chunk, word), foundHi);
        return false;
      }
      long foundLo = (long) WORDS.compareAndExchange(chunk, word, expected.lo(), lo);
      if (foundLo != expected.lo()) {
        WORDS.compareAndExchange(chunk, word + 1, hi, expected.hi());
        expected.set(foundLo, (long) WORDS.getAcquire(chunk, word + 1));
        return false;
      }
      return true;
    } finally {
      pairs.unlock(address);
    }
  }

  /** Whether {@code count} words from {@code word} on lie in a chunk that the fast path may use. */
  private static boolean holds(long[] chunk, int word, int count) {
    return count > 0 && count <= chunk.length - word;
  }

  @Override
  public int storeRun64(long address, int count, long first, long step) {
    if ((address & (beyond | 7)) == 0) {
      long[] chunk = storable(address);
      int word = wordOf(address);
      if (holds(chunk, word, count)) {
        VarHandle.releaseFence();
        WordRuns.fill(chunk, word, word + count, first, step);
        return count;
      }
    }
    return MachineMemory.super.storeRun64(address, count, first, step);
  }

  @Override
  public int storeRunIfClear64(long address, int count, long first, long step, long mask) {
    if ((address & (beyond | 7)) == 0) {
      long[] chunk = storable(address);
      int word = wordOf(address);
      if (holds(chunk, word, count)) {
        VarHandle.releaseFence();
        int end = WordRuns.find(chunk, word, word + count, mask);
        WordRuns.fill(chunk, word, end, first, step);
        return end - word;
      }
    }
    return MachineMemory.super.storeRunIfClear64(address, count, first, step, mask);
  }

  @Override
  public int findAny64(long address, int count, long mask) {
    if ((address & (beyond | 7)) == 0) {
      long[] chunk = loadable(address);
      int word = wordOf(address);
      if (holds(chunk, word, count)) {
        int at = WordRuns.find(chunk, word, word + count, mask);
        VarHandle.acquireFence();
        return at - word;
      }
    }
    return MachineMemory.super.findAny64(address, count, mask);
  }

  @Override
  public int countAny64(long address, int count, long mask) {
    if ((address & (beyond | 7)) == 0) {
      long[] chunk = loadable(address);
      int word = wordOf(address);
      if (holds(chunk, word, count)) {
        int found = WordRuns.count(chunk, word, word + count, mask);
        VarHandle.acquireFence();
        return found;
      }
    }
    return MachineMemory.super.countAny64(address, count, mask);
  }

  @Override
  public MemoryStatus read(long address, ByteBuffer into) {
    MemoryStatus status = chunks.status(address, into.remaining());
    if (status == MemoryStatus.OK) {
      BulkCopy.read(chunks, address, into);
    }
    return status;
  }

  @Override
  public MemoryStatus write(long address, ByteBuffer from) {
    MemoryStatus status = chunks.status(address, from.remaining());
    if (status == MemoryStatus.OK) {
      BulkCopy.write(chunks, address, from);
    }
    return status;
  }

  @Override
  public MemoryStatus fill(long address, long length, byte value) {
    MemoryStatus status = chunks.status(address, length);
    if (status == MemoryStatus.OK) {
      BulkCopy.fill(chunks, address, length, value);
    }
    return status;
  }

  @Override
  public void barrier() {
    VarHandle.fullFence();
  }

  @Override
  public MemoryStatus clean(long address, long length) {
    return chunks.status(address, length);
  }

  @Override
  public List<MemoryRegion> regions() {
    return chunks.regions.regions();
  }

  @Override
  public long residentBytes() {
    return chunks.residentBytes();
  }

  @Override
  public void poison(long address, long length) {
    mark(address, length, true);
  }

  @Override
  public void heal(long address, long length) {
    mark(address, length, false);
  }

  private void mark(long address, long length, boolean bad) {
    long last = address + length - 1;
    if (length < 0 || address < 0 || last < address - 1) {
      throw new IllegalArgumentException(
          "poison range 0x%x+0x%x refused: it leaves the address space".formatted(address, length));
    }
    if (length > 0) {
      chunks.mark(address & ~7L, last | 7, bad);
    }
  }

  @Override
  public void checkpoint() {
    chunks.checkpoint();
  }

  @Override
  public void rollback() {
    chunks.rollback();
  }
}
