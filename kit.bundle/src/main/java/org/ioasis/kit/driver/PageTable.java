package org.ioasis.kit.driver;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.ioasis.api.IoasisException;
import org.ioasis.api.machine.Translation;

/**
 * One page table of a driver in memory: root, geometry, linking and looking up. {@link TableBatch}
 * changes it.
 *
 * <p>A table is removed only by an unmap that covers all it serves, so batches on disjoint ranges
 * never meet in a table that goes. Tables are linked by compare and set, so two batches that need
 * the same one agree.
 *
 * <p><b>Threading:</b> any thread on disjoint ranges; nothing is locked.
 */
public final class PageTable {
  private final TablePages pages;
  private final TableFormat format;
  private final TableFrames frames;
  private final long root;
  private final long present;
  private final int[] spans;
  private final byte[] levels = new byte[Long.SIZE];

  /** Bumped whenever a table is unlinked: an address that was found before may be stale. */
  private final AtomicInteger unlinked = new AtomicInteger();

  private final AtomicInteger mappers = new AtomicInteger();

  /**
   * A page table over a root that exists.
   *
   * @param root address of the root table
   */
  public PageTable(TablePages pages, TableFormat format, long root) {
    this.pages = pages;
    this.format = format;
    this.root = root;
    this.frames = new TableFrames(pages, format.indexBits(0) + 3);
    this.present = format.presentMask();
    this.spans = new int[format.topLevel() + 1];
    for (int level = 0; level < spans.length; level++) {
      spans[level] = format.spanLg2(level);
      Arrays.fill(levels, spans[level], levels.length, (byte) level);
    }
  }

  /**
   * An empty page table.
   *
   * @throws IoasisException EXHAUSTED without frames
   */
  public static PageTable empty(TablePages pages, TableFormat format) {
    return new PageTable(pages, format, pages.allocate(rootLg2(format)));
  }

  private static int rootLg2(TableFormat format) {
    return Math.max(12, format.indexBits(format.topLevel()) + 3);
  }

  /** The format. */
  public TableFormat format() {
    return format;
  }

  /** Where tables lie. */
  public TablePages pages() {
    return pages;
  }

  /** Address of the root table. */
  public long root() {
    return root;
  }

  /** Last IOVA. */
  public long last() {
    return (1L << format.inputBits()) - 1;
  }

  TableFrames frames() {
    return frames;
  }

  /** log2 of the bytes that an entry of a level covers. */
  int spanLg2(int level) {
    return spans[level];
  }

  /** The level at which a page stands: the highest whose entries span no more than it. */
  int levelOf(int pageLg2) {
    return levels[pageLg2];
  }

  boolean isPresent(long entry) {
    return (entry & present) != 0;
  }

  /** Notes that one more can map. */
  void countMapper() {
    mappers.incrementAndGet();
  }

  /** Whether only one was ever made that can map. */
  boolean hasOneMapper() {
    return mappers.get() == 1;
  }

  /** Changes whenever a table was unlinked. */
  int unlinked() {
    return unlinked.get();
  }

  /** Address of the entry of a table that serves an IOVA. */
  long slot(long table, long iova, int level) {
    long index = iova >>> spans[level] & (1L << format.indexBits(level)) - 1;
    return table + 8 * index;
  }

  /**
   * The table of a level that serves an IOVA; tables are added as needed.
   *
   * @param mapper is told of the table if it was added just now
   * @return its address, or -1 if a page of a higher level is mapped there
   * @throws IoasisException EXHAUSTED without frames
   */
  long descend(long iova, int level, Mapper mapper) {
    long table = root;
    for (int at = format.topLevel(); at > level; at--) {
      long slot = slot(table, iova, at);
      long entry = pages.load(slot);
      if (!isPresent(entry)) {
        entry = link(slot, entry, at, at == level + 1 ? mapper : null);
      }
      if (format.isLeaf(entry, at)) {
        return -1;
      }
      table = format.address(entry, at);
    }
    return table;
  }

  /** Puts an empty table into a slot, or takes the one that somebody else just put there. */
  private long link(long slot, long empty, int level, Mapper mapper) {
    long table = frames.allocate();
    long entry = format.tableEntry(table, level);
    if (pages.replace(slot, empty, entry)) {
      if (mapper != null) {
        mapper.linked(table);
      }
      return entry;
    }
    frames.free(table);
    return pages.load(slot);
  }

  /** What the tables say, as a packed {@link Translation}. */
  public long lookup(long iova) {
    if (Long.compareUnsigned(iova, last()) > 0) {
      return Translation.none(Translation.Refusal.FAULT);
    }
    long table = root;
    for (int level = format.topLevel(); level >= 0; level--) {
      long entry = pages.load(slot(table, iova, level));
      if (!isPresent(entry)) {
        break;
      }
      if (format.isLeaf(entry, level)) {
        int lg2 = spans[level] + format.runLg2(entry, level);
        return Translation.of(format.address(entry, level) | (iova & (1L << lg2) - 1), lg2);
      }
      table = format.address(entry, level);
    }
    return Translation.none(Translation.Refusal.FAULT);
  }

  /** A table has been unlinked: gathers its frames. Says how many bytes were mapped under it. */
  long unlinked(long table, int level, Gather gather) {
    unlinked.incrementAndGet();
    return collect(table, level, gather);
  }

  private long collect(long table, int level, Gather gather) {
    int entries = 1 << format.indexBits(level);
    long bytes = 0;
    if (level == 0) {
      bytes = (long) pages.countAny(table, entries, present) << spans[0];
    } else {
      for (int i = next(table, 0, entries); i < entries; i = next(table, i + 1, entries)) {
        long entry = pages.load(table + 8L * i);
        bytes +=
            format.isLeaf(entry, level)
                ? 1L << spans[level]
                : collect(format.address(entry, level), level - 1, gather);
      }
    }
    if (table != root) {
      pages.storeRun(table, entries, 0, 0); // a walk that still holds it finds nothing mapped
      gather.addFrame(table);
    }
    return bytes;
  }

  /** Index of the next present entry from {@code from} on; {@code end} if there is none. */
  int next(long table, int from, int end) {
    return from + pages.findAny(table + 8L * from, end - from, present);
  }

  /** Gives all tables back; the unit holds none. */
  public void free() {
    Gather gather = new Gather();
    collect(root, format.topLevel(), gather);
    gather.release(frames::free);
    frames.drain();
    pages.free(root, rootLg2(format));
  }

  /** Gives back frames that are in no table, before a successor counts. */
  public void trim() {
    frames.drain();
  }

  /** Counts the tables as held, for one that a predecessor made; says how many there are. */
  public int countAdopted() {
    pages.adopted(root, rootLg2(format));
    return 1 + countAdopted(root, format.topLevel());
  }

  private int countAdopted(long table, int level) {
    int tables = 0;
    int entries = level == 0 ? 0 : 1 << format.indexBits(level);
    for (int i = next(table, 0, entries); i < entries; i = next(table, i + 1, entries)) {
      long entry = pages.load(table + 8L * i);
      if (!format.isLeaf(entry, level)) {
        long below = format.address(entry, level);
        pages.adopted(below, format.indexBits(level - 1) + 3);
        tables += 1 + countAdopted(below, level - 1);
      }
    }
    return tables;
  }
}
