package org.ioasis.kit.driver;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.ioasis.api.memory.FrameAllocator;
import org.ioasis.api.memory.PhysicalMemory;

/**
 * Memory for tables and structures: frames, and stores that the unit&#39;s walker sees, whether it
 * snoops or not.
 *
 * <p><b>Threading:</b> any thread.
 */
public final class TablePages {
  private final PhysicalMemory memory;
  private final FrameAllocator frames;
  private final boolean coherent;
  private final AtomicLong held = new AtomicLong();
  private final Set<Long> adopted = ConcurrentHashMap.newKeySet();

  /**
   * Memory for tables.
   *
   * @param coherent whether the walker sees stores that were not cleaned
   */
  public TablePages(PhysicalMemory memory, FrameAllocator frames, boolean coherent) {
    this.memory = memory;
    this.frames = frames;
    this.coherent = coherent;
  }

  /** A zeroed 4 KiB frame that the walker sees as such. */
  public long allocate() {
    return allocate(FrameAllocator.FRAME_LG2);
  }

  /**
   * A zeroed run that the walker sees as such.
   *
   * @throws org.ioasis.api.IoasisException EXHAUSTED without frames
   */
  public long allocate(int sizeLg2) {
    long address = frames.allocate(sizeLg2);
    held.addAndGet(1L << sizeLg2);
    clean(address, 1L << sizeLg2);
    return address;
  }

  /** Gives a 4 KiB frame back; the unit holds it no longer. */
  public void free(long address) {
    free(address, FrameAllocator.FRAME_LG2);
  }

  /** Gives a run back; the unit holds it no longer. */
  public void free(long address, int sizeLg2) {
    frames.free(address, sizeLg2);
    held.addAndGet(-(1L << sizeLg2));
  }

  /** Counts a run that a predecessor allocated and that is in use. */
  public void adopted(long address, int sizeLg2) {
    held.addAndGet(1L << sizeLg2);
    adopted.add(address);
  }

  /** Addresses of the runs that were adopted. */
  public Set<Long> adopted() {
    return adopted;
  }

  /** Loads a word. */
  public long load(long address) {
    return memory.load64(address);
  }

  /** Stores a word; the caller cleans. */
  public void put(long address, long value) {
    memory.store64(address, value);
  }

  /** Stores a word and makes it visible to the walker. */
  public void store(long address, long value) {
    memory.store64(address, value);
    clean(address, 8);
  }

  /** Stores {@code first, first + step ...} and makes them visible to the walker. */
  public void storeRun(long address, int count, long first, long step) {
    if (count == 1) {
      memory.store64(address, first);
    } else {
      memory.storeRun64(address, count, first, step);
    }
    clean(address, 8L * count);
  }

  /** The same up to the first word that has a bit of the mask. Says how many were stored. */
  public int storeRunIfClear(long address, int count, long first, long step, long mask) {
    if (count == 1) {
      if ((memory.load64(address) & mask) != 0) {
        return 0;
      }
      store(address, first);
      return 1;
    }
    int stored = memory.storeRunIfClear64(address, count, first, step, mask);
    clean(address, 8L * stored);
    return stored;
  }

  /** Place of the first word that has a bit of the mask; {@code count} if none has. */
  public int findAny(long address, int count, long mask) {
    if (count == 1) {
      return (memory.load64(address) & mask) != 0 ? 0 : 1;
    }
    return memory.findAny64(address, count, mask);
  }

  /** How many words have a bit of the mask. */
  public int countAny(long address, int count, long mask) {
    return memory.countAny64(address, count, mask);
  }

  /** Replaces a word if it is still the expected one, visibly to the walker. */
  public boolean replace(long address, long expected, long value) {
    boolean done = memory.compareAndExchange64(address, expected, value) == expected;
    if (done) {
      clean(address, 8);
    }
    return done;
  }

  /** Stores 0, visibly to the walker, and says what was there. */
  public long take(long address) {
    long taken = memory.getAndSet64(address, 0);
    clean(address, 8);
    return taken;
  }

  /** Makes stores visible to the walker. */
  public void clean(long address, long length) {
    if (!coherent) {
      memory.clean(address, length);
    }
  }

  /** Orders earlier stores before later ones. */
  public void barrier() {
    memory.barrier();
  }

  /** Adds the counter {@code table.bytes}. */
  public void count(Map<String, Long> counters) {
    counters.merge("table.bytes", held.get(), Long::sum);
  }
}
