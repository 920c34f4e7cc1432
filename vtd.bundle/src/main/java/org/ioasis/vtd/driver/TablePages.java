package org.ioasis.vtd.driver;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.ioasis.api.memory.FrameAllocator;
import org.ioasis.api.memory.PhysicalMemory;

/**
 * Memory for tables: stores that the unit's walker sees, coherent or not, and frames.
 *
 * <p><b>Threading:</b> any thread.
 */
final class TablePages {
  private final PhysicalMemory memory;
  private final FrameAllocator frames;
  private final boolean coherent;
  private final AtomicLong held = new AtomicLong();
  private final Set<Long> adopted = ConcurrentHashMap.newKeySet();

  TablePages(PhysicalMemory memory, FrameAllocator frames, boolean coherent) {
    this.memory = memory;
    this.frames = frames;
    this.coherent = coherent;
  }

  /** A zeroed frame that the walker sees as such. */
  long allocate() {
    return allocate(FrameAllocator.FRAME_LG2);
  }

  /** A zeroed run that the walker sees as such. */
  long allocate(int sizeLg2) {
    long address = frames.allocate(sizeLg2);
    held.addAndGet(1L << sizeLg2);
    clean(address, 1L << sizeLg2);
    return address;
  }

  /** Gives a frame back; the unit holds it no longer. */
  void free(long address) {
    free(address, FrameAllocator.FRAME_LG2);
  }

  /** Gives a run back; the unit holds it no longer. */
  void free(long address, int sizeLg2) {
    frames.free(address, sizeLg2);
    held.addAndGet(-(1L << sizeLg2));
  }

  /** Counts a run that a predecessor allocated and that is in use. */
  void adopted(long address, int sizeLg2) {
    held.addAndGet(1L << sizeLg2);
    adopted.add(address);
  }

  /** Addresses of the runs that were adopted. */
  Set<Long> adopted() {
    return adopted;
  }

  long load(long address) {
    return memory.load64(address);
  }

  /** Stores a word; the caller cleans. */
  void put(long address, long value) {
    memory.store64(address, value);
  }

  /** Stores a word and makes it visible to the walker. */
  void store(long address, long value) {
    memory.store64(address, value);
    clean(address, 8);
  }

  /** Replaces a word if it is still the expected one. */
  boolean replace(long address, long expected, long value) {
    boolean done = memory.compareAndExchange64(address, expected, value) == expected;
    if (done) {
      clean(address, 8);
    }
    return done;
  }

  /** Makes stores visible to the walker. */
  void clean(long address, long length) {
    if (!coherent) {
      memory.clean(address, length);
    }
  }

  /** Orders earlier stores before later ones. */
  void barrier() {
    memory.barrier();
  }

  /** Adds the counters. */
  void count(Map<String, Long> counters) {
    counters.merge("table.bytes", held.get(), Long::sum);
  }
}
