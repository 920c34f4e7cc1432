package org.ioasis.kit.driver;

import org.ioasis.api.driver.DirtySink;

/**
 * Changes what is mapped: removes, changes rights, reads marks of written pages, and splits what a
 * range covers in part.
 *
 * <p>A page of several entries is always changed as a whole. Where the format breaks before it
 * makes, the old entries go, their invalidation completes, and then the new ones come; otherwise
 * each entry is exchanged by compare and set, so that a mark the unit makes meanwhile is not lost.
 *
 * <p><b>Threading:</b> one thread at a time.
 */
final class Editor {
  private final PageTable table;
  private final TableFormat format;
  private final TablePages pages;
  private final Gather gather;
  private final Runnable flush;

  // The range under way, last inclusive.
  private long first;
  private long last;
  private int rights;

  // A run of written pages that has not been told yet.
  private DirtySink sink;
  private boolean clears;
  private long dirtyFirst;
  private long dirtyEnd;

  /**
   * An editor.
   *
   * @param gather takes what has to be invalidated
   * @param flush invalidates what was gathered, now
   */
  Editor(PageTable table, Gather gather, Runnable flush) {
    this.table = table;
    this.format = table.format();
    this.pages = table.pages();
    this.gather = gather;
    this.flush = flush;
  }

  /** Removes every mapping of a range. Says how many bytes were mapped. */
  long unmap(long from, long to) {
    first = from;
    last = to;
    return unmapIn(table.root(), format.topLevel(), 0);
  }

  /** Changes the rights of every mapping of a range. Says how many bytes that were. */
  long protect(long from, long to, int newRights) {
    first = from;
    last = to;
    rights = newRights;
    return protectIn(table.root(), format.topLevel(), 0);
  }

  /**
   * Tells the written pages of a range.
   *
   * @param clear whether to take the marks away from pages that lie wholly in the range
   */
  void readWritten(long from, long to, boolean clear, DirtySink into) {
    first = from;
    last = to;
    sink = into;
    clears = clear;
    dirtyFirst = 0;
    dirtyEnd = 0;
    readIn(table.root(), format.topLevel(), 0);
    tellWritten();
    sink = null;
  }

  private boolean covers(long low, int lg2) {
    return first <= low && last >= low + (1L << lg2) - 1;
  }

  /** Index of the first entry of a table that the range meets. */
  private int from(long start, int level) {
    int entries = 1 << format.indexBits(level);
    return first <= start ? 0 : (int) Math.min(entries, (first - start) >>> table.spanLg2(level));
  }

  /** Index behind the last entry of a table that the range meets. */
  private int end(long start, int level) {
    int entries = 1 << format.indexBits(level);
    return 1 + (int) Math.min(entries - 1, (last - start) >>> table.spanLg2(level));
  }

  private long unmapIn(long home, int level, long start) {
    int i = from(start, level);
    int end = end(start, level);
    if (level == 0 && !cutsRuns(home, i, end)) {
      return clear(home, start, i, end);
    }
    int lg2 = table.spanLg2(level);
    long bytes = 0;
    for (i = table.next(home, i, end); i < end; i = table.next(home, i, end)) {
      long slot = home + 8L * i;
      long entry = pages.load(slot);
      long low = start + ((long) i << lg2);
      if (format.isLeaf(entry, level)) {
        int runLg2 = format.runLg2(entry, level);
        long runLow = low & -(1L << (lg2 + runLg2));
        if (covers(runLow, lg2 + runLg2)) {
          int runFrom = i & -(1 << runLg2);
          pages.storeRun(home + 8L * runFrom, 1 << runLg2, 0, 0);
          gather.add(runLow, runLow + (1L << (lg2 + runLg2)) - 1, lg2 + runLg2);
          bytes += 1L << (lg2 + runLg2);
          i = runFrom + (1 << runLg2);
        } else {
          split(slot, level, low, runLg2); // and look again
        }
        continue;
      }
      long below = format.address(entry, level);
      if (covers(low, lg2)) {
        pages.store(slot, 0);
        gather.addStructural(low, low + (1L << lg2) - 1, table.spanLg2(0));
        bytes += table.unlinked(below, level - 1, gather);
      } else {
        bytes += unmapIn(below, level - 1, low);
      }
      i++;
    }
    return bytes;
  }

  /** Whether the edges of a range of leaf entries lie inside runs. */
  private boolean cutsRuns(long home, int from, int end) {
    return isInsideRun(home, from) || isInsideRun(home, end);
  }

  private boolean isInsideRun(long home, int index) {
    if (index == 0 || index == 1 << format.indexBits(0)) {
      return false;
    }
    long entry = pages.load(home + 8L * index);
    return table.isPresent(entry) && (index & (1 << format.runLg2(entry, 0)) - 1) != 0;
  }

  /** Clears leaf entries, all of them of pages that lie wholly in the range. */
  private long clear(long home, long start, int from, int end) {
    long slot = home + 8L * from;
    int mapped = pages.countAny(slot, end - from, format.presentMask());
    if (mapped == 0) {
      return 0;
    }
    int lg2 = table.spanLg2(0);
    pages.storeRun(slot, end - from, 0, 0);
    gather.add(start + ((long) from << lg2), start + ((long) end << lg2) - 1, lg2);
    return (long) mapped << lg2;
  }

  private long protectIn(long home, int level, long start) {
    int i = from(start, level);
    int end = end(start, level);
    int lg2 = table.spanLg2(level);
    long bytes = 0;
    for (i = table.next(home, i, end); i < end; i = table.next(home, i, end)) {
      long slot = home + 8L * i;
      long entry = pages.load(slot);
      long low = start + ((long) i << lg2);
      if (!format.isLeaf(entry, level)) {
        bytes += protectIn(format.address(entry, level), level - 1, low);
        i++;
        continue;
      }
      int runLg2 = format.runLg2(entry, level);
      long runLow = low & -(1L << (lg2 + runLg2));
      if (covers(runLow, lg2 + runLg2)) {
        int runFrom = i & -(1 << runLg2);
        changeRights(home + 8L * runFrom, level, runLg2, runLow);
        bytes += 1L << (lg2 + runLg2);
        i = runFrom + (1 << runLg2);
      } else {
        split(slot, level, low, runLg2);
      }
    }
    return bytes;
  }

  private void changeRights(long slot, int level, int runLg2, long low) {
    int lg2 = table.spanLg2(level) + runLg2;
    if (runLg2 > 0 && format.breaksFirst(level, runLg2)) {
      long entry = format.withRights(takeOut(slot, level, runLg2, low), level, rights);
      pages.storeRun(slot, 1 << runLg2, entry, format.runStep(level, runLg2));
      return;
    }
    for (int i = 0; i < 1 << runLg2; i++) {
      long entry;
      do {
        entry = pages.load(slot + 8L * i); // again if the unit marked it meanwhile
      } while (!pages.replace(slot + 8L * i, entry, format.withRights(entry, level, rights)));
    }
    gather.add(low, low + (1L << lg2) - 1, lg2);
  }

  /**
   * Takes a page out and waits until the unit has forgotten it.
   *
   * @return its first entry, marked as written if any was
   */
  private long takeOut(long slot, int level, int runLg2, long low) {
    long entry = pages.take(slot);
    boolean written = format.isWritten(entry, level);
    for (int i = 1; i < 1 << runLg2; i++) {
      written |= format.isWritten(pages.take(slot + 8L * i), level);
    }
    int lg2 = table.spanLg2(level) + runLg2;
    gather.addStructural(low, low + (1L << lg2) - 1, lg2);
    flush.run();
    return format.withWritten(entry, level, written);
  }

  /** Splits the page that has an entry in a slot: a run into its entries, another by a table. */
  private void split(long slot, int level, long low, int runLg2) {
    if (runLg2 == 0) {
      splitByTable(slot, level, low);
      return;
    }
    int lg2 = table.spanLg2(level);
    long runLow = low & -(1L << (lg2 + runLg2));
    long runSlot = slot - 8 * ((low - runLow) >>> lg2);
    if (format.breaksFirst(level, runLg2)) {
      long entry = takeOut(runSlot, level, runLg2, runLow);
      long piece = format.firstPiece(entry, level, runLg2, level);
      pages.storeRun(runSlot, 1 << runLg2, piece, 1L << lg2);
    } else {
      exchangeRun(runSlot, level, runLg2);
      gather.addStructural(runLow, runLow + (1L << (lg2 + runLg2)) - 1, lg2);
    }
  }

  /** Exchanges the entries of a run for single ones; a mark in any of them becomes one in all. */
  private void exchangeRun(long slot, int level, int runLg2) {
    long piece = format.firstPiece(pages.load(slot), level, runLg2, level);
    boolean written = false;
    for (int i = 0; i < 1 << runLg2; i++) {
      long at = slot + 8L * i;
      long next = piece + ((long) i << table.spanLg2(level));
      long entry;
      do {
        entry = pages.load(at);
      } while (!pages.replace(at, entry, next));
      written |= format.isWritten(entry, level);
    }
    for (int i = 0; written && i < 1 << runLg2; i++) {
      mark(slot + 8L * i, level, true);
    }
  }

  private void mark(long slot, int level, boolean written) {
    long entry;
    do {
      entry = pages.load(slot);
    } while (!pages.replace(slot, entry, format.withWritten(entry, level, written)));
  }

  private void splitByTable(long slot, int level, long low) {
    long made = table.frames().allocate();
    int lg2 = table.spanLg2(level - 1);
    int entries = 1 << format.indexBits(level - 1);
    long below = format.tableEntry(made, level);
    if (format.breaksFirst(level, 0)) {
      long entry = takeOut(slot, level, 0, low);
      pages.storeRun(made, entries, format.firstPiece(entry, level, 0, level - 1), 1L << lg2);
      pages.barrier();
      pages.store(slot, below);
      return;
    }
    long entry;
    do {
      entry = pages.load(slot);
      pages.storeRun(made, entries, format.firstPiece(entry, level, 0, level - 1), 1L << lg2);
      pages.barrier();
    } while (!pages.replace(slot, entry, below));
    gather.addStructural(low, low + ((long) entries << lg2) - 1, lg2);
  }

  private void readIn(long home, int level, long start) {
    int i = from(start, level);
    int end = end(start, level);
    int lg2 = table.spanLg2(level);
    for (i = table.next(home, i, end); i < end; i = table.next(home, i, end)) {
      long entry = pages.load(home + 8L * i);
      if (!format.isLeaf(entry, level)) {
        readIn(format.address(entry, level), level - 1, start + ((long) i << lg2));
        i++;
        continue;
      }
      int runLg2 = format.runLg2(entry, level);
      int runFrom = i & -(1 << runLg2);
      page(home + 8L * runFrom, level, runLg2, start + ((long) runFrom << lg2));
      i = runFrom + (1 << runLg2);
    }
  }

  private void page(long slot, int level, int runLg2, long low) {
    int lg2 = table.spanLg2(level) + runLg2;
    boolean clear = clears && covers(low, lg2);
    boolean written = false;
    for (int i = 0; i < 1 << runLg2; i++) {
      if (format.isWritten(pages.load(slot + 8L * i), level)) {
        written = true;
        if (clear) {
          mark(slot + 8L * i, level, false);
        }
      }
    }
    if (!written) {
      return;
    }
    if (clear) {
      gather.add(low, low + (1L << lg2) - 1, lg2);
    }
    long from = Math.max(low, first);
    if (from != dirtyEnd) {
      tellWritten();
      dirtyFirst = from;
    }
    dirtyEnd = Math.min(last, low + (1L << lg2) - 1) + 1;
  }

  private void tellWritten() {
    if (dirtyEnd != dirtyFirst) {
      sink.dirty(dirtyFirst, dirtyEnd - dirtyFirst);
    }
    dirtyFirst = 0;
    dirtyEnd = 0;
  }
}
