package org.ioasis.benchmark.rig;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.ioasis.api.memory.MemoryStatus;
import org.ioasis.api.memory.PhysicalMemory;

/**
 * Writes the tables of a {@link Footprint} into physical memory: 512 entries of 64 bits per table,
 * tables one behind the other, as {@link Footprint#position} orders them. The bits of the entries
 * are the caller's, literal; nothing of a product's format is used.
 */
public final class TableWriter {
  private static final int TABLE_LG2 = 12;

  private final PhysicalMemory memory;
  private final long base;
  private final long[] tableBits;
  private final long leafBits;

  /**
   * A writer.
   *
   * @param memory where to
   * @param base address of the root, 4 KiB aligned
   * @param tableBits what an entry of an upper table has besides the address
   * @param leafBits what an entry of a leaf table has besides the address
   */
  public TableWriter(PhysicalMemory memory, long base, long tableBits, long leafBits) {
    this(memory, base, new long[] {0, 0, tableBits, tableBits, tableBits}, leafBits);
  }

  /**
   * A writer whose entries state their level.
   *
   * @param memory where to
   * @param base address of the root, 4 KiB aligned
   * @param tableBits what an entry of a table of levels 2, 3 and 4 has besides the address, at
   *     these indexes
   * @param leafBits what an entry of a leaf table has besides the address
   */
  public TableWriter(PhysicalMemory memory, long base, long[] tableBits, long leafBits) {
    this.memory = memory;
    this.base = base;
    this.tableBits = tableBits.clone();
    this.leafBits = leafBits;
  }

  private long address(Footprint footprint, int level, int index) {
    return base + ((long) footprint.position(level, index) << TABLE_LG2);
  }

  /**
   * Writes all tables.
   *
   * @param outputBase output address of page 0, 4 KiB aligned
   * @param outputPagesLg2 after so many pages the outputs begin again at {@code outputBase}
   */
  public void write(Footprint footprint, long outputBase, int outputPagesLg2) {
    ByteBuffer root = table();
    root.putLong(
        (int) (Footprint.IOVA_BASE >>> 39) * Long.BYTES, address(footprint, 3, 0) | tableBits[4]);
    store(address(footprint, 4, 0), root);
    writeUpper(footprint, 3);
    writeUpper(footprint, 2);
    long outputMask = (1L << outputPagesLg2) - 1;
    ByteBuffer leaf = table();
    for (int index = 0; index < footprint.leafTables(); index++) {
      for (int entry = 0; entry < Footprint.TABLE_WORDS; entry++) {
        long page = (long) index * Footprint.TABLE_WORDS + entry & outputMask;
        leaf.putLong(entry * Long.BYTES, outputBase + (page << TABLE_LG2) | leafBits);
      }
      store(address(footprint, 1, index), leaf);
    }
  }

  /**
   * Writes a 4-level table that maps addresses from 0 on to themselves, 4 KiB pages throughout: the
   * root, one table of level 3, one of level 2, then the leaf tables.
   *
   * @param bytes how much to map, at most 1 GiB
   */
  public void writeIdentity(long bytes) {
    long below = base + (1L << TABLE_LG2);
    storeFirst(base, below | tableBits[4]);
    storeFirst(below, below + (1L << TABLE_LG2) | tableBits[3]);
    long level2 = below + (1L << TABLE_LG2);
    ByteBuffer upper = table();
    int leafTables = (int) (bytes >>> 21);
    for (int index = 0; index < leafTables; index++) {
      long table = level2 + (long) ((index + 1) << TABLE_LG2);
      upper.putLong(index * Long.BYTES, table | tableBits[2]);
      ByteBuffer leaf = table();
      for (int entry = 0; entry < Footprint.TABLE_WORDS; entry++) {
        long page = (long) index * Footprint.TABLE_WORDS + entry;
        leaf.putLong(entry * Long.BYTES, page << TABLE_LG2 | leafBits);
      }
      store(table, leaf);
    }
    store(level2, upper);
  }

  private void storeFirst(long address, long entry) {
    store(address, table().putLong(0, entry));
  }

  /** The tables of level 2 or 3; each full one points to 512 of the level below. */
  private void writeUpper(Footprint footprint, int level) {
    int below = footprint.tables(level - 1);
    for (int index = 0; index < footprint.tables(level); index++) {
      ByteBuffer table = table();
      int first = index * Footprint.TABLE_WORDS;
      for (int i = first; i < Math.min(below, first + Footprint.TABLE_WORDS); i++) {
        table.putLong(
            (i - first) * Long.BYTES, address(footprint, level - 1, i) | tableBits[level]);
      }
      store(address(footprint, level, index), table);
    }
  }

  private static ByteBuffer table() {
    return ByteBuffer.allocate(1 << TABLE_LG2).order(ByteOrder.LITTLE_ENDIAN);
  }

  private void store(long address, ByteBuffer content) {
    MemoryStatus status = memory.write(address, content.rewind());
    if (status != MemoryStatus.OK) {
      throw new IllegalStateException(
          "table at 0x%x not written: %s; the rig's RAM must hold it".formatted(address, status));
    }
  }
}
