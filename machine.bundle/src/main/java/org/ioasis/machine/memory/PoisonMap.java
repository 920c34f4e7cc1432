package org.ioasis.machine.memory;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Which words are uncorrectable, by chunk. A chunk is here while at least one of its words is.
 *
 * <p><b>Threading:</b> reads from any thread; changes under the memory's lock. The bits of a chunk
 * are replaced, never changed.
 */
final class PoisonMap {
  /** A chunk with poison: its data, and a bit per word. */
  record Chunk(long[] data, long[] bits) {
    boolean isPoisoned(int word) {
      return (bits[word >>> 6] & 1L << word) != 0;
    }

    /** Whether any of the words {@code first..last} is poisoned. */
    boolean touches(int first, int last) {
      for (int word = first; word <= last; word++) {
        if (bits[word >>> 6] == 0) {
          word |= 63;
        } else if (isPoisoned(word)) {
          return true;
        }
      }
      return false;
    }

    /** The same chunk with the words {@code first..last} poisoned or healed. */
    Chunk with(int first, int last, boolean poisoned) {
      long[] changed = bits.clone();
      for (int word = first; word <= last; word++) {
        long bit = 1L << word;
        changed[word >>> 6] = poisoned ? changed[word >>> 6] | bit : changed[word >>> 6] & ~bit;
      }
      return new Chunk(data, changed);
    }

    boolean isClean() {
      for (long word : bits) {
        if (word != 0) {
          return false;
        }
      }
      return true;
    }
  }

  private final ConcurrentMap<Long, Chunk> chunks = new ConcurrentHashMap<>();

  /** The chunk, or null if none of its words is poisoned. */
  Chunk get(long chunk) {
    return chunks.get(chunk);
  }

  boolean isEmpty() {
    return chunks.isEmpty();
  }

  /** Poisons words of a chunk. */
  void add(long chunk, long[] data, int first, int last) {
    Chunk before = chunks.get(chunk);
    if (before == null) {
      before = new Chunk(data, new long[(data.length + 63) >>> 6]);
    }
    chunks.put(chunk, before.with(first, last, true));
  }

  /** Heals words of a chunk; says whether that was its last poison. */
  boolean remove(long chunk, int first, int last) {
    Chunk before = chunks.get(chunk);
    if (before == null) {
      return false;
    }
    Chunk after = before.with(first, last, false);
    if (!after.isClean()) {
      chunks.put(chunk, after);
      return false;
    }
    chunks.remove(chunk);
    return true;
  }

  /** Whether any word of the address range is poisoned. */
  boolean touches(long base, long last, int chunkLg2) {
    if (chunks.isEmpty()) {
      return false;
    }
    for (var entry : chunks.entrySet()) {
      long chunkBase = entry.getKey() << chunkLg2;
      long chunkLast = chunkBase + (1L << chunkLg2) - 1;
      if (base <= chunkLast && last >= chunkBase) {
        int first = (int) (Math.max(base, chunkBase) - chunkBase >>> 3);
        int end = (int) (Math.min(last, chunkLast) - chunkBase >>> 3);
        if (entry.getValue().touches(first, end)) {
          return true;
        }
      }
    }
    return false;
  }
}
