package org.ioasis.vtd.driver;

import java.util.concurrent.atomic.AtomicInteger;
import org.ioasis.api.IoasisException;
import org.ioasis.api.machine.Translation;
import org.ioasis.vtd.format.AddressBits;

/**
 * One page table in memory: finding, adding, splitting and removing.
 *
 * <p>A table is removed only by an unmap that covers all it serves, so batches on disjoint ranges
 * never meet in a table that goes. Tables are linked by compare and set, so two batches that need
 * the same one agree.
 *
 * <p><b>Threading:</b> any thread on disjoint ranges; nothing is locked.
 */
final class PageTable {
  /** Entries of a table. */
  static final int ENTRIES = 512;

  private final TablePages pages;
  private final TableFormat format;
  private final long root;

  /** Bumped whenever a table is unlinked: an address that was found before may be stale. */
  private final AtomicInteger unlinked = new AtomicInteger();

  PageTable(TablePages pages, TableFormat format, long root) {
    this.pages = pages;
    this.format = format;
    this.root = root;
  }

  TableFormat format() {
    return format;
  }

  TablePages pages() {
    return pages;
  }

  long root() {
    return root;
  }

  /** Changes whenever a table was unlinked. */
  int unlinked() {
    return unlinked.get();
  }

  /**
   * The table of a level that serves an IOVA; tables are added as needed.
   *
   * @return its address, or 0 if a page of a higher level is mapped there
   * @throws IoasisException EXHAUSTED without frames
   */
  long descend(long iova, int level) {
    long table = root;
    for (int at = format.levels(); at > level; at--) {
      long slot = AddressBits.entryAddress(table, iova, at);
      long entry = pages.load(slot);
      if (!format.isPresent(entry)) {
        entry = link(slot, entry);
      }
      if (format.isLeaf(entry, at)) {
        return 0;
      }
      table = format.address(entry);
    }
    return table;
  }

  /** Puts an empty table into a slot, or takes the one that somebody else just put there. */
  private long link(long slot, long empty) {
    long entry = format.tableEntry(pages.allocate());
    if (pages.replace(slot, empty, entry)) {
      return entry;
    }
    pages.free(format.address(entry));
    return pages.load(slot);
  }

  /** What the tables say, as a packed {@link Translation}. */
  long lookup(long iova) {
    if (Long.compareUnsigned(iova, format.last()) > 0) {
      return Translation.none(Translation.Refusal.FAULT);
    }
    long table = root;
    for (int level = format.levels(); level >= 1; level--) {
      long entry = pages.load(AddressBits.entryAddress(table, iova, level));
      if (!format.isPresent(entry)) {
        break;
      }
      if (format.isLeaf(entry, level)) {
        int lg2 = AddressBits.spanLg2(level);
        return Translation.of(format.address(entry) | iova & (1L << lg2) - 1, lg2);
      }
      table = format.address(entry);
    }
    return Translation.none(Translation.Refusal.FAULT);
  }

  /** Removes every mapping of a range. Says how many bytes were mapped. */
  long unmap(long first, long last, Gather gather) {
    return unmap(root, format.levels(), 0, first, last, gather);
  }

  private long unmap(long table, int level, long start, long first, long last, Gather gather) {
    int lg2 = AddressBits.spanLg2(level);
    long bytes = 0;
    int from = index(start, first, lg2);
    int to = lastIndex(start, last, lg2);
    for (int i = from; i <= to; i++) {
      long slot = table + 8L * i;
      long entry = pages.load(slot);
      if (!format.isPresent(entry)) {
        continue;
      }
      long low = start + ((long) i << lg2);
      long high = low + (1L << lg2) - 1;
      boolean whole = first <= low && last >= high;
      if (whole) {
        pages.put(slot, 0);
        bytes += removed(entry, level, low, high, gather);
      } else {
        long below = format.isLeaf(entry, level) ? split(slot, level, low, gather) : entry;
        bytes += unmap(format.address(below), level - 1, low, first, last, gather);
      }
    }
    if (from <= to) {
      pages.clean(table + 8L * from, 8L * (to - from + 1));
    }
    return bytes;
  }

  /** An entry has been taken out of its table: gathers what hangs under it. */
  private long removed(long entry, int level, long low, long high, Gather gather) {
    if (format.isLeaf(entry, level)) {
      gather.add(low, high);
      return high - low + 1;
    }
    unlinked.incrementAndGet();
    gather.addStructural(low, high);
    return collect(format.address(entry), level - 1, gather);
  }

  /** Gathers the frames of a subtree. Says how many bytes were mapped in it. */
  private long collect(long table, int level, Gather gather) {
    long bytes = 0;
    for (int i = 0; i < ENTRIES; i++) {
      long entry = pages.load(table + 8L * i);
      if (!format.isPresent(entry)) {
        continue;
      }
      bytes +=
          format.isLeaf(entry, level)
              ? 1L << AddressBits.spanLg2(level)
              : collect(format.address(entry), level - 1, gather);
    }
    gather.addFrame(table);
    return bytes;
  }

  /** Changes the rights of every mapping of a range. Says how many bytes that were. */
  long protect(long first, long last, int rights, Gather gather) {
    return protect(root, format.levels(), 0, first, last, rights, gather);
  }

  private long protect(
      long table, int level, long start, long first, long last, int rights, Gather gather) {
    int lg2 = AddressBits.spanLg2(level);
    long bytes = 0;
    int to = lastIndex(start, last, lg2);
    for (int i = index(start, first, lg2); i <= to; i++) {
      long slot = table + 8L * i;
      long entry = pages.load(slot);
      if (!format.isPresent(entry)) {
        continue;
      }
      long low = start + ((long) i << lg2);
      long high = low + (1L << lg2) - 1;
      boolean leaf = format.isLeaf(entry, level);
      if (leaf && first <= low && last >= high) {
        changeRights(slot, entry, rights);
        gather.add(low, high);
        bytes += 1L << lg2;
      } else {
        long below = leaf ? split(slot, level, low, gather) : entry;
        bytes += protect(format.address(below), level - 1, low, first, last, rights, gather);
      }
    }
    return bytes;
  }

  private void changeRights(long slot, long found, int rights) {
    long entry = found;
    while (!pages.replace(slot, entry, format.withRights(entry, rights))) {
      entry = pages.load(slot); // the unit marked it meanwhile
    }
  }

  /** Replaces a page by a table of smaller ones that say the same. Returns the new entry. */
  private long split(long slot, int level, long low, Gather gather) {
    long table = pages.allocate();
    long step = 1L << AddressBits.spanLg2(level - 1);
    long below = format.tableEntry(table);
    long entry;
    do {
      entry = pages.load(slot);
      long small = format.splitEntry(entry, level);
      for (int i = 0; i < ENTRIES; i++) {
        pages.put(table + 8L * i, small + i * step);
      }
      pages.clean(table, 8L * ENTRIES);
      pages.barrier();
    } while (!pages.replace(slot, entry, below));
    gather.addStructural(low, low + ENTRIES * step - 1);
    return below;
  }

  /** Index of the first entry of a table that a range from {@code first} meets. */
  private static int index(long start, long first, int lg2) {
    return first <= start ? 0 : (int) Math.min(ENTRIES, first - start >>> lg2);
  }

  private static int lastIndex(long start, long last, int lg2) {
    return (int) Math.min(ENTRIES - 1, last - start >>> lg2);
  }

  /** Gives all tables back; the unit holds none. */
  void free() {
    Gather gather = new Gather();
    collect(root, format.levels(), gather);
    gather.release(pages);
  }

  /** Counts the tables as held, for one that a predecessor made; says how many there are. */
  int countAdopted() {
    return countAdopted(root, format.levels());
  }

  private int countAdopted(long table, int level) {
    pages.adopted(table, AddressBits.PAGE_LG2);
    int tables = 1;
    for (int i = 0; level > 1 && i < ENTRIES; i++) {
      long entry = pages.load(table + 8L * i);
      if (format.isPresent(entry) && !format.isLeaf(entry, level)) {
        tables += countAdopted(format.address(entry), level - 1);
      }
    }
    return tables;
  }
}
