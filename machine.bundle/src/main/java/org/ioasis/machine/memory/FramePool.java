package org.ioasis.machine.memory;

import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.memory.FrameAllocator;
import org.ioasis.api.memory.MachineMemory;
import org.ioasis.api.memory.MemoryRegion;
import org.ioasis.api.memory.MemoryStatus;

/**
 * The frames of one machine: a buddy allocator over a part of RAM that knows the owner of every
 * run. The lowest free run is taken first, so equal calls give equal addresses. Making a pool costs
 * a few entries whatever its size: it starts as the fewest naturally aligned runs.
 *
 * <p><b>Threading:</b> any thread; {@code lock} guards the free runs, the taken runs and the open
 * owners. It is not held while memory is zeroed or the grace is awaited.
 */
public final class FramePool {
  private static final int LEAST_LG2 = FrameAllocator.FRAME_LG2;
  private static final int MOST_LG2 = 30;

  /** Waits until no access that began before is under way. */
  @FunctionalInterface
  public interface Grace {
    /** Returns when the grace is over. */
    void await();
  }

  private record Run(int sizeLg2, OwnedFrames owner) {}

  private final MachineMemory memory;
  private final Grace grace;
  private final Object lock = new Object();
  private final Map<Integer, TreeSet<Long>> free = new HashMap<>();
  private final Map<Long, Run> taken = new HashMap<>();
  private final Map<String, OwnedFrames> owners = new HashMap<>();

  /**
   * Makes a pool.
   *
   * @param region a part of RAM, or null for a pool without frames
   * @throws IoasisException INVALID if the region is not all RAM
   */
  public FramePool(MachineMemory memory, MemoryRegion region, Grace grace) {
    this.memory = memory;
    this.grace = grace;
    for (int lg2 = LEAST_LG2; lg2 <= MOST_LG2; lg2++) {
      free.put(lg2, new TreeSet<>());
    }
    if (region == null) {
      return;
    }
    if (memory.status(region.base(), region.size()) == MemoryStatus.ABSENT) {
      throw new IoasisException(
          Reason.INVALID,
          "frame pool 0x%x..0x%x is not all RAM; choose a part of a RAM region"
              .formatted(region.base(), region.last()));
    }
    long end = region.last() + 1;
    long at = region.base();
    while (at < end) {
      int lg2 = Math.min(MOST_LG2, 63 - Long.numberOfLeadingZeros(end - at));
      lg2 = at == 0 ? lg2 : Math.min(lg2, Long.numberOfTrailingZeros(at));
      free.get(lg2).add(at);
      at += 1L << lg2;
    }
  }

  /**
   * The allocator of one owner.
   *
   * @throws IoasisException EXISTS if the owner has one that is open
   */
  public FrameAllocator open(String owner) {
    synchronized (lock) {
      if (owners.containsKey(owner)) {
        throw new IoasisException(
            Reason.EXISTS,
            "frame allocator refused: owner %s has an open one; close it first".formatted(owner));
      }
      OwnedFrames frames = new OwnedFrames(this, owner);
      owners.put(owner, frames);
      return frames;
    }
  }

  /** Bytes that no owner holds. */
  public long freeBytes() {
    synchronized (lock) {
      long bytes = 0;
      for (Map.Entry<Integer, TreeSet<Long>> runs : free.entrySet()) {
        bytes += (long) runs.getValue().size() << runs.getKey();
      }
      return bytes;
    }
  }

  long allocate(OwnedFrames owner, int sizeLg2) {
    checkSize(sizeLg2);
    while (true) {
      long address = take(owner, sizeLg2);
      if (memory.fill(address, 1L << sizeLg2, (byte) 0) == MemoryStatus.OK) {
        return address;
      }
      // Poisoned: the run stays out of circulation and belongs to nobody.
      synchronized (lock) {
        taken.put(address, new Run(sizeLg2, null));
        owner.held -= 1L << sizeLg2;
      }
    }
  }

  private long take(OwnedFrames owner, int sizeLg2) {
    synchronized (lock) {
      owner.checkOpen();
      int lg2 = sizeLg2;
      while (lg2 <= MOST_LG2 && free.get(lg2).isEmpty()) {
        lg2++;
      }
      if (lg2 > MOST_LG2) {
        throw new IoasisException(
            Reason.EXHAUSTED,
            "frames refused: owner %s asks for 2^%d bytes, no free run of that size is left"
                .formatted(owner.owner(), sizeLg2));
      }
      long address = free.get(lg2).pollFirst();
      while (lg2 > sizeLg2) {
        lg2--;
        free.get(lg2).add(address + (1L << lg2));
      }
      taken.put(address, new Run(sizeLg2, owner));
      owner.held += 1L << sizeLg2;
      return address;
    }
  }

  void free(OwnedFrames owner, long address, int sizeLg2) {
    checkSize(sizeLg2);
    synchronized (lock) {
      owner.checkOpen();
      Run run = taken.get(address);
      if (run != null && run.owner != owner) {
        throw new IoasisException(
            Reason.DENIED,
            "free refused: frames at 0x%x belong to %s, not to %s"
                .formatted(
                    address, run.owner == null ? "nobody" : run.owner.owner(), owner.owner()));
      }
      if (run == null || run.sizeLg2 != sizeLg2) {
        throw new IoasisException(
            Reason.INVALID,
            "free refused: owner %s has no run of 2^%d bytes at 0x%x"
                .formatted(owner.owner(), sizeLg2, address));
      }
      release(address, run);
    }
  }

  /** Gives a run back and joins it with its free buddies; the lock is held. */
  private void release(long address, Run run) {
    taken.remove(address);
    run.owner.held -= 1L << run.sizeLg2;
    long at = address;
    int lg2 = run.sizeLg2;
    while (lg2 < MOST_LG2 && free.get(lg2).remove(at ^ 1L << lg2)) {
      at &= ~(1L << lg2);
      lg2++;
    }
    free.get(lg2).add(at);
  }

  void close(OwnedFrames owner) {
    synchronized (lock) {
      if (owner.closing) {
        return;
      }
      owner.closing = true;
    }
    try {
      grace.await();
    } catch (IllegalStateException e) {
      synchronized (lock) {
        owner.closing = false; // inside the caller's own burst: nothing has happened
      }
      throw e;
    }
    synchronized (lock) {
      for (Map.Entry<Long, Run> entry : Map.copyOf(taken).entrySet()) {
        if (entry.getValue().owner == owner) {
          release(entry.getKey(), entry.getValue());
        }
      }
      owners.remove(owner.owner(), owner);
    }
  }

  long heldBy(OwnedFrames owner) {
    synchronized (lock) {
      return owner.held;
    }
  }

  /** What an owner holds, address to log2 of the size; a copy, so that a sink may call back. */
  SortedMap<Long, Integer> heldRuns(OwnedFrames owner) {
    SortedMap<Long, Integer> runs = new TreeMap<>();
    synchronized (lock) {
      taken.forEach(
          (address, run) -> {
            if (run.owner == owner) {
              runs.put(address, run.sizeLg2);
            }
          });
    }
    return runs;
  }

  private static void checkSize(int sizeLg2) {
    if (sizeLg2 < LEAST_LG2 || sizeLg2 > MOST_LG2) {
      throw new IoasisException(
          Reason.INVALID,
          "frame size 2^%d refused: it is not 2^%d to 2^%d"
              .formatted(sizeLg2, LEAST_LG2, MOST_LG2));
    }
  }
}
