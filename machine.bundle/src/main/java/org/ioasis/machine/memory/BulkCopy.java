package org.ioasis.machine.memory;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Copies between buffers and chunks, word by word, after the caller has found the whole range to be
 * good RAM. A word is copied atomically, a partial word at either end merged, so that concurrent
 * stores to neighbours survive.
 *
 * <p><b>Threading:</b> any thread; the buffer is the caller's. Nothing is allocated.
 */
final class BulkCopy {
  private static final VarHandle WORDS = MethodHandles.arrayElementVarHandle(long[].class);

  private BulkCopy() {}

  /** Copies {@code into.remaining()} bytes out of memory. */
  static void read(ChunkStore chunks, long address, ByteBuffer into) {
    ByteOrder order = into.order();
    into.order(ByteOrder.LITTLE_ENDIAN);
    try {
      long at = address;
      while (into.hasRemaining()) {
        long[] chunk = chunks.readable(at >>> chunks.geometry.chunkLg2());
        int word = (int) (at >>> 3) & (chunk.length - 1);
        int bytes = Math.min(into.remaining(), (chunk.length - word << 3) - (int) (at & 7));
        readChunk(chunk, word, (int) at & 7, bytes, into);
        at += bytes;
      }
    } finally {
      into.order(order);
    }
  }

  private static void readChunk(long[] chunk, int first, int skip, int length, ByteBuffer into) {
    int word = first;
    int left = length;
    if (skip != 0 || left < 8) {
      int bytes = Math.min(8 - skip, left);
      putBytes((long) WORDS.getAcquire(chunk, word) >>> (skip << 3), bytes, into);
      left -= bytes;
      word++;
    }
    for (; left >= 8; left -= 8) {
      into.putLong((long) WORDS.getAcquire(chunk, word++));
    }
    if (left > 0) {
      putBytes((long) WORDS.getAcquire(chunk, word), left, into);
    }
  }

  private static void putBytes(long word, int bytes, ByteBuffer into) {
    for (int i = 0; i < bytes; i++) {
      into.put((byte) (word >>> (i << 3)));
    }
  }

  /** Copies {@code from.remaining()} bytes into memory. */
  static void write(ChunkStore chunks, long address, ByteBuffer from) {
    ByteOrder order = from.order();
    from.order(ByteOrder.LITTLE_ENDIAN);
    try {
      long at = address;
      while (from.hasRemaining()) {
        long[] chunk = chunks.forStores(at >>> chunks.geometry.chunkLg2());
        int word = (int) (at >>> 3) & (chunk.length - 1);
        int bytes = Math.min(from.remaining(), (chunk.length - word << 3) - (int) (at & 7));
        writeChunk(chunk, word, (int) at & 7, bytes, from);
        at += bytes;
      }
    } finally {
      from.order(order);
    }
  }

  private static void writeChunk(long[] chunk, int first, int skip, int length, ByteBuffer from) {
    int word = first;
    int left = length;
    if (skip != 0 || left < 8) {
      int bytes = Math.min(8 - skip, left);
      mergeBytes(chunk, word, skip, bytes, from);
      left -= bytes;
      word++;
    }
    for (; left >= 8; left -= 8) {
      WORDS.setRelease(chunk, word++, from.getLong());
    }
    if (left > 0) {
      mergeBytes(chunk, word, 0, left, from);
    }
  }

  private static void mergeBytes(long[] chunk, int word, int skip, int bytes, ByteBuffer from) {
    long bits = 0;
    for (int i = 0; i < bytes; i++) {
      bits |= (from.get() & 0xFFL) << (i << 3);
    }
    merge(chunk, word, skip, bytes, bits);
  }

  private static void merge(long[] chunk, int word, int skip, int bytes, long bits) {
    if (bytes == 8) {
      WORDS.setRelease(chunk, word, bits);
    } else {
      SparseMemory.merge(chunk, word, (1L << (bytes << 3)) - 1 << (skip << 3), bits << (skip << 3));
    }
  }

  /** Sets {@code length} bytes; zeros leave chunks alone that nobody has written. */
  static void fill(ChunkStore chunks, long address, long length, byte value) {
    int chunkLg2 = chunks.geometry.chunkLg2();
    long pattern = (value & 0xFFL) * 0x0101_0101_0101_0101L;
    long end = address + length;
    long at = address;
    while (at < end) {
      long next = Math.min(end, ((at >>> chunkLg2) + 1) << chunkLg2);
      if (value != 0 || !chunks.isUntouchedZeros(at >>> chunkLg2)) {
        fillChunk(chunks.forStores(at >>> chunkLg2), at, next, pattern);
      }
      at = next;
    }
  }

  private static void fillChunk(long[] chunk, long first, long end, long pattern) {
    for (long at = first; at < end; ) {
      int skip = (int) at & 7;
      int bytes = (int) Math.min(8 - skip, end - at);
      int word = (int) (at >>> 3) & (chunk.length - 1);
      merge(chunk, word, skip, bytes, bytes == 8 ? pattern : pattern & (1L << (bytes << 3)) - 1);
      at += bytes;
    }
  }
}
