package org.ioasis.machine.memory;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import org.ioasis.api.memory.MemoryBacking;
import org.ioasis.api.memory.MemoryRegion;
import org.ioasis.api.memory.MemoryStatus;

/**
 * The slow path of {@link SparseMemory}: which chunks there are, and what the fast path may do with
 * each. Two directories answer that without a test of their own:
 *
 * <table>
 * <caption>entry of a chunk</caption>
 * <tr><th>state</th><th>{@code loads}</th><th>{@code stores}</th></tr>
 * <tr><td>outside RAM, or not filled</td><td>NONE</td><td>NONE</td></tr>
 * <tr><td>RAM of zeros, never written</td><td>ZEROS, shared by all machines</td><td>NONE</td></tr>
 * <tr><td>filled</td><td>data</td><td>NONE until the first store, then data</td></tr>
 * <tr><td>partly outside RAM</td><td>data, all ones outside</td><td>NONE</td></tr>
 * <tr><td>holds poison</td><td>POISONED</td><td>NONE</td></tr>
 * </table>
 *
 * NONE and POISONED are empty arrays, so the bound check of the fast path sends it here. A
 * checkpoint empties {@code stores}: the first store to each chunk then comes here and its content
 * is copied before. The store path so has no test for a checkpoint at all.
 *
 * <p><b>Threading:</b> any thread. Filling takes no lock: content is made aside and published by
 * compare and set, the loser takes the winner's. {@code lock} guards poison and the opening of a
 * chunk for fast stores, so that the two cannot cross.
 */
final class ChunkStore {
  /** A chunk that is not there. */
  static final long[] NONE = new long[0];

  private static final long[] POISONED = new long[0];
  private static final int LARGEST_ZEROS_LG2 = 16;
  private static final long[][] ZEROS = new long[LARGEST_ZEROS_LG2 + 1][];

  static {
    for (int lg2 : new int[] {14, 15, LARGEST_ZEROS_LG2}) {
      ZEROS[lg2] = new long[1 << (lg2 - 3)];
    }
  }

  final RegionMap regions;
  final Geometry geometry;
  final ChunkDirectory loads;
  final ChunkDirectory stores;

  /** The one chunk of dense memory, once it may be loaded from directly; else NONE. */
  volatile long[] denseLoads = NONE;

  /** The one chunk of dense memory, once it may be stored to directly; else NONE. */
  volatile long[] denseStores = NONE;

  private final int chunkLg2;
  private final long[] zeros;
  private final PoisonMap poison = new PoisonMap();
  private final AtomicLong residentBytes = new AtomicLong();
  private final Object lock = new Object();
  private volatile Journal journal;

  ChunkStore(RegionMap regions, Geometry geometry) {
    this.regions = regions;
    this.geometry = geometry;
    this.chunkLg2 = geometry.chunkLg2();
    this.zeros = geometry.isDense() ? NONE : ZEROS[chunkLg2];
    this.loads = new ChunkDirectory(geometry.chunkBits(), geometry.tableBits(), NONE);
    this.stores = new ChunkDirectory(geometry.chunkBits(), geometry.tableBits(), NONE);
    if (!geometry.isDense()) {
      regions.regions().forEach(this::showZeros);
    }
  }

  private void showZeros(MemoryRegion region) {
    if (region.backing() == MemoryBacking.ZERO) {
      long first = (region.base() + (1L << chunkLg2) - 1) >>> chunkLg2;
      long end = (region.last() + 1) >>> chunkLg2;
      if (first < end) {
        loads.initialise(first, end - 1, zeros);
      }
    }
  }

  long residentBytes() {
    return residentBytes.get();
  }

  /** See {@link org.ioasis.api.memory.PhysicalMemory#status}. */
  MemoryStatus status(long address, long length) {
    if (length == 0) {
      return MemoryStatus.OK;
    }
    long last = address + length - 1;
    if (length < 0 || address < 0 || last < address || !regions.covers(address, last)) {
      return MemoryStatus.ABSENT;
    }
    return poison.touches(address, last, chunkLg2) ? MemoryStatus.POISONED : MemoryStatus.OK;
  }

  /**
   * The chunk to load {@code bytes} at {@code address} from.
   *
   * @return null if the bytes are absent or poisoned
   * @throws IllegalArgumentException if the address is not a multiple of {@code bytes}
   */
  long[] fetch(long address, int bytes) {
    if (isRefused(address, bytes)) {
      return null;
    }
    return readable(address >>> chunkLg2);
  }

  /** The same for a store; afterwards stores to the chunk may go the fast path. */
  long[] claim(long address, int bytes) {
    if (isRefused(address, bytes)) {
      return null;
    }
    return writable(address >>> chunkLg2);
  }

  private boolean isRefused(long address, int bytes) {
    if ((address & (bytes - 1)) != 0) {
      throw new IllegalArgumentException(
          "access of %d bytes at 0x%x refused: the address must be a multiple of the size"
              .formatted(bytes, address));
    }
    if (!regions.contains(address)) {
      return true;
    }
    PoisonMap.Chunk poisoned = poison.isEmpty() ? null : poison.get(address >>> chunkLg2);
    if (poisoned == null) {
      return false;
    }
    int first = wordOf(address);
    return poisoned.touches(first, wordOf(address + bytes - 1));
  }

  private int wordOf(long address) {
    return (int) (address >>> 3) & (geometry.chunkWords() - 1);
  }

  /** Content of a chunk for reading; the shared zeros if it was never written. */
  long[] readable(long chunk) {
    long[] entry = loads.get(chunk);
    return entry.length != 0 ? entry : open(chunk);
  }

  /** Content of a chunk for writing, saved for a roll-back if one is possible. */
  long[] writable(long chunk) {
    long[] data = open(chunk);
    Journal saving = journal;
    if (saving != null) {
      saving.save(chunk, data);
    }
    if (loads.get(chunk) == data && isAllRam(chunk)) {
      synchronized (lock) {
        if (loads.get(chunk) == data) { // not poisoned meanwhile
          stores.set(chunk, data);
        }
        refreshDense();
      }
    }
    return data;
  }

  /** The same; takes no lock when the chunk has been stored to before. */
  long[] forStores(long chunk) {
    long[] entry = stores.get(chunk);
    return entry.length != 0 ? entry : writable(chunk);
  }

  /** Whether a chunk was never written and holds zeros, so that zeros need not be stored. */
  boolean isUntouchedZeros(long chunk) {
    return zeros.length != 0 && loads.get(chunk) == zeros;
  }

  /** The chunk's own data, filled on first touch. */
  private long[] open(long chunk) {
    while (true) {
      long[] entry = loads.get(chunk);
      if (entry == POISONED) {
        PoisonMap.Chunk poisoned = poison.get(chunk);
        if (poisoned != null) {
          return poisoned.data();
        }
        Thread.onSpinWait(); // healed between the two looks
      } else if (entry != NONE && entry != zeros) {
        return entry;
      } else {
        long[] data = firstContent(chunk);
        if (loads.compareAndSet(chunk, entry, data)) {
          residentBytes.addAndGet(1L << chunkLg2);
          refreshDense();
          return data;
        }
      }
    }
  }

  private boolean isAllRam(long chunk) {
    long base = chunk << chunkLg2;
    return regions.covers(base, base + (1L << chunkLg2) - 1);
  }

  private long[] firstContent(long chunk) {
    long[] data = new long[geometry.chunkWords()];
    long base = chunk << chunkLg2;
    long last = base + (1L << chunkLg2) - 1;
    if (regions.isZeros(base, last)) {
      return data;
    }
    Arrays.fill(data, -1);
    for (int at = Math.max(0, regions.indexOf(base)); at < regions.regions().size(); at++) {
      MemoryRegion region = regions.regions().get(at);
      if (region.base() > last) {
        break;
      }
      if (region.last() >= base) {
        copyIn(region, Math.max(base, region.base()), Math.min(last, region.last()), base, data);
      }
    }
    return data;
  }

  private static void copyIn(MemoryRegion region, long first, long last, long base, long[] data) {
    int from = (int) (first - base >>> 3);
    int words = (int) (last - first + 1 >>> 3);
    if (region.backing() == MemoryBacking.ZERO) {
      Arrays.fill(data, from, from + words, 0);
      return;
    }
    ByteBuffer content = ByteBuffer.allocate(words << 3).order(ByteOrder.LITTLE_ENDIAN);
    region.backing().fill(first, content.duplicate().order(ByteOrder.LITTLE_ENDIAN));
    content.asLongBuffer().get(data, from, words);
  }

  /** Poisons ({@code bad}) or heals the words of {@code first..last} that are RAM. */
  void mark(long first, long last, boolean bad) {
    for (MemoryRegion region : regions.regions()) {
      long from = Math.max(first, region.base());
      long to = Math.min(last, region.last());
      for (long at = from; at <= to; at = ((at >>> chunkLg2) + 1) << chunkLg2) {
        long chunkLast = at | (1L << chunkLg2) - 1;
        markChunk(at >>> chunkLg2, wordOf(at), wordOf(Math.min(to, chunkLast)), bad);
      }
    }
  }

  private void markChunk(long chunk, int first, int last, boolean bad) {
    if (bad) {
      long[] data = open(chunk);
      synchronized (lock) {
        poison.add(chunk, data, first, last);
        stores.set(chunk, NONE);
        loads.set(chunk, POISONED);
      }
    } else {
      synchronized (lock) {
        PoisonMap.Chunk poisoned = poison.get(chunk);
        if (poisoned != null && poisoned.with(first, last, false).isClean()) {
          loads.set(chunk, poisoned.data());
        }
        poison.remove(chunk, first, last);
      }
    }
    refreshDense();
  }

  /** From here on every chunk is copied before its first store. */
  void checkpoint() {
    journal = new Journal();
    stores.clear();
    refreshDense();
  }

  /** Undoes all stores since {@link #checkpoint}. */
  void rollback() {
    Journal saved = journal;
    if (saved == null) {
      throw new IllegalStateException("roll-back refused: no checkpoint; call checkpoint() first");
    }
    saved.restore(chunk -> stores.set(chunk, NONE));
    refreshDense();
  }

  private void refreshDense() {
    if (geometry.isDense()) {
      synchronized (lock) {
        denseLoads = loads.get(0);
        denseStores = stores.get(0);
      }
    }
  }
}
