package org.ioasis.machine.memory;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * Chunk number to chunk, in one level while the address range is small and in two when it is wide.
 * No entry is ever null: what is not there is an empty array, so that the bound check of the word
 * is the presence check too. Second-level tables that nobody has written are shared.
 *
 * <pre>
 *  one level:  chunk number -------------------> chunk
 *  two levels: chunk number >>> tableBits -----> table, low bits -----> chunk
 * </pre>
 *
 * <p><b>Threading:</b> any thread, except {@link #clear} and {@link #initialise}, which need the
 * directory for themselves. Entries are written with volatile stores or compare and set and read
 * with acquire, so whoever finds a chunk sees its content.
 */
final class ChunkDirectory {
  private static final VarHandle CHUNKS = MethodHandles.arrayElementVarHandle(long[][].class);

  private static final VarHandle TABLES = MethodHandles.arrayElementVarHandle(long[][][].class);

  /** The one level, or null if there are two. */
  final long[][] flat;

  /** The upper of two levels, or null if there is one. */
  final long[][][] root;

  private final int tableBits;
  private final int tableMask;
  private final long[] initial;
  private final long[][] sharedInitial;
  private long[][] sharedOther;

  /**
   * Makes a directory in which every entry is {@code initial}.
   *
   * @param chunkBits log2 of the number of chunks
   * @param tableBits log2 of the entries of a second-level table, or 0 for one level
   */
  ChunkDirectory(int chunkBits, int tableBits, long[] initial) {
    this.tableBits = tableBits;
    this.tableMask = (1 << tableBits) - 1;
    this.initial = initial;
    if (tableBits == 0) {
      flat = filled(1 << chunkBits, initial);
      root = null;
      sharedInitial = null;
    } else {
      flat = null;
      sharedInitial = filled(1 << tableBits, initial);
      root = new long[1 << (chunkBits - tableBits)][][];
      Arrays.fill(root, sharedInitial);
    }
  }

  private static long[][] filled(int entries, long[] value) {
    long[][] table = new long[entries][];
    Arrays.fill(table, value);
    return table;
  }

  /** The entry of a chunk. */
  long[] get(long chunk) {
    long[][] table = flat;
    int slot = (int) chunk;
    if (table == null) {
      table = (long[][]) TABLES.getAcquire(root, (int) (chunk >>> tableBits));
      slot &= tableMask;
    }
    return (long[]) CHUNKS.getAcquire(table, slot);
  }

  /** Replaces the entry of a chunk. */
  void set(long chunk, long[] value) {
    CHUNKS.setVolatile(ownTable(chunk), slot(chunk), value);
  }

  /** Replaces the entry of a chunk if it is {@code expected}; says whether it was. */
  boolean compareAndSet(long chunk, long[] expected, long[] value) {
    return CHUNKS.compareAndSet(ownTable(chunk), slot(chunk), expected, value);
  }

  /** Sets the entries of {@code first..last}; whole tables of the one other value are shared. */
  void initialise(long first, long last, long[] value) {
    if (flat != null) {
      Arrays.fill(flat, (int) first, (int) last + 1, value);
      return;
    }
    if (sharedOther == null) {
      sharedOther = filled(tableMask + 1, value);
    }
    long chunk = first;
    while (chunk <= last) {
      long tableLast = chunk | tableMask;
      if ((chunk & tableMask) == 0 && tableLast <= last) {
        root[(int) (chunk >>> tableBits)] = sharedOther;
      } else {
        Arrays.fill(ownTable(chunk), slot(chunk), slot(Math.min(tableLast, last)) + 1, value);
      }
      chunk = tableLast + 1;
    }
  }

  /** Makes every entry initial again. */
  void clear() {
    if (flat != null) {
      Arrays.fill(flat, initial);
    } else {
      Arrays.fill(root, sharedInitial);
    }
  }

  private int slot(long chunk) {
    return flat != null ? (int) chunk : (int) chunk & tableMask;
  }

  /** The table of a chunk for writing: a shared one is replaced by a copy first; one copy wins. */
  private long[][] ownTable(long chunk) {
    if (flat != null) {
      return flat;
    }
    int at = (int) (chunk >>> tableBits);
    long[][] table = (long[][]) TABLES.getAcquire(root, at);
    if (table != sharedInitial && table != sharedOther) {
      return table;
    }
    long[][] own = table.clone();
    long[][] found = (long[][]) TABLES.compareAndExchange(root, at, table, own);
    return found == table ? own : found;
  }
}
