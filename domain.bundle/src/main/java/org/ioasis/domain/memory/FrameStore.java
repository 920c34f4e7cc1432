package org.ioasis.domain.memory;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.memory.FrameAllocator;
import org.ioasis.api.memory.MemoryStatus;
import org.ioasis.api.memory.PhysicalMemory;

/**
 * Frames of anonymous memory and of files: taken in blocks as large as there are, so that hardware
 * can use large pages, given back a block at a time, and shared page by page between a source and
 * its copies.
 *
 * <p><b>Threading:</b> any thread; a short lock inside.
 */
public final class FrameStore {
  /** log2 of a page, and bytes of it. */
  public static final int PAGE_LG2 = 12, PAGE = 1 << PAGE_LG2;

  private static final int MAX_BLOCK_LG2 = 30;

  /** A block larger than a page. */
  private static final class Block {
    final int sizeLg2;
    int pages;

    Block(int sizeLg2) {
      this.sizeLg2 = sizeLg2;
      pages = 1 << (sizeLg2 - PAGE_LG2);
    }
  }

  private final PhysicalMemory memory;
  private final FrameAllocator frames;
  private final TreeMap<Long, Block> blocks = new TreeMap<>();
  private final Map<Long, Integer> sharers = new HashMap<>(); // only of frames with two or more
  private boolean closed;
  private final ByteBuffer copy = ByteBuffer.allocateDirect(PAGE);

  /**
   * @param memory the machine's memory
   * @param frames an allocator of our own
   */
  public FrameStore(PhysicalMemory memory, FrameAllocator frames) {
    this.memory = memory;
    this.frames = frames;
  }

  /** The machine's memory. */
  public PhysicalMemory memory() {
    return memory;
  }

  /** Where the frames come from; goes to the next instance of the bundle as it is. */
  public FrameAllocator frames() {
    return frames;
  }

  /** Bytes held now. */
  public long heldBytes() {
    return frames.allocatedBytes();
  }

  /**
   * Takes zeroed frames.
   *
   * @param wantedLg2 largest useful block; a smaller one may come
   * @return address, with log2 of the size in bits 5:0
   * @throws IoasisException EXHAUSTED if not even one frame is left
   */
  synchronized long allocate(int wantedLg2) {
    for (int lg2 = Math.min(wantedLg2, MAX_BLOCK_LG2); ; lg2--) {
      try {
        long address = frames.allocate(lg2);
        if (lg2 > PAGE_LG2) {
          blocks.put(address, new Block(lg2));
        }
        return address | lg2;
      } catch (IoasisException e) {
        if (lg2 == PAGE_LG2 || e.reason() != Reason.EXHAUSTED) {
          throw e;
        }
      }
    }
  }

  /** One more source has this frame. */
  synchronized void share(long frame) {
    sharers.merge(frame, 2, (old, two) -> old + 1);
  }

  /** Whether more than one source has this frame. */
  synchronized boolean isShared(long frame) {
    return sharers.containsKey(frame);
  }

  /** The machine has gone, and all frames with it. */
  public synchronized void close() {
    closed = true;
  }

  /** A source lets go of a frame; the last one gives it back, a block with its last page. */
  synchronized void release(long frame) {
    if (closed) {
      return;
    }
    Integer count = sharers.get(frame);
    if (count != null) {
      if (count == 2) {
        sharers.remove(frame);
      } else {
        sharers.put(frame, count - 1);
      }
      return;
    }
    Map.Entry<Long, Block> below = blocks.floorEntry(frame);
    if (below == null || frame - below.getKey() >= 1L << below.getValue().sizeLg2) {
      frames.free(frame, PAGE_LG2);
    } else if (--below.getValue().pages == 0) {
      blocks.remove(below.getKey());
      frames.free(below.getKey(), below.getValue().sizeLg2);
    }
  }

  /**
   * A frame with what another one holds.
   *
   * @throws IoasisException EXHAUSTED; MEMORY_FAULT if the original cannot be read
   */
  synchronized long copyOf(long frame) {
    long address = allocate(PAGE_LG2) & -PAGE;
    MemoryStatus status = memory.read(frame, copy.clear());
    if (status == MemoryStatus.OK) {
      copy.flip();
      status = memory.write(address, copy.position(0).limit(PAGE));
    }
    if (status != MemoryStatus.OK) {
      frames.free(address, PAGE_LG2);
      throw new IoasisException(
          Reason.MEMORY_FAULT, "copy of frame 0x%x refused: memory is %s".formatted(frame, status));
    }
    return address;
  }

  /** What is out, for the next instance of the bundle. */
  public synchronized Object leave() {
    Map<Long, int[]> large = new HashMap<>();
    blocks.forEach((address, block) -> large.put(address, new int[] {block.sizeLg2, block.pages}));
    return new Object[] {large, new HashMap<>(sharers)};
  }

  /** Goes on with what another instance left. */
  @SuppressWarnings("unchecked")
  public synchronized void take(Object left) {
    Object[] parts = (Object[]) left;
    ((Map<Long, int[]>) parts[0])
        .forEach(
            (address, block) -> {
              Block taken = new Block(block[0]);
              taken.pages = block[1];
              blocks.put(address, taken);
            });
    sharers.putAll((Map<Long, Integer>) parts[1]);
  }
}
