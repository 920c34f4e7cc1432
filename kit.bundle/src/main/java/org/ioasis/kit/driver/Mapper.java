package org.ioasis.kit.driver;

import java.nio.LongBuffer;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;

/**
 * Fills tables with leafs: walks down once per table and then stores run after run. Remembers the
 * last table, so that single pages in order cost one store each.
 *
 * <p><b>Threading:</b> one thread at a time.
 */
final class Mapper {
  private static final int NO_LIMIT = 63;

  private final PageTable table;
  private final TableFormat format;
  private final TablePages pages;
  private final long pageSizes;
  private final long present;

  /** The table found last, -1 for none: its level, the block it serves, and when it was found. */
  private long cached = -1;

  private int cachedLevel;
  private long cachedBlock;
  private int cachedAt;

  /**
   * From this slot on the table found last is known to be empty: this mapper linked it, has filled
   * it in order, and is the only one that the page table ever had. -1 if nothing is known.
   */
  private long emptyFrom = -1;

  /** Why the last call fell short; null if it did not. */
  private Reason shortfall;

  Mapper(PageTable table) {
    this.table = table;
    this.format = table.format();
    this.pages = table.pages();
    this.pageSizes = format.pageSizes();
    this.present = format.presentMask();
    table.countMapper();
  }

  /** Why the last call fell short; null if it did not. */
  Reason shortfall() {
    return shortfall;
  }

  /** Forgets the table found last. */
  void forget() {
    cached = -1;
    emptyFrom = -1;
  }

  /** Maps a contiguous run. Says how many bytes. */
  long map(long iova, long address, long length, int rights) {
    shortfall = null;
    long done = 0;
    int most = NO_LIMIT;
    long mostUntil = 0;
    while (done < length) {
      long at = iova + done;
      long to = address + done;
      if (at >= mostUntil) {
        most = NO_LIMIT;
      }
      int lg2 = fit(at | to, length - done, most);
      int level = table.levelOf(lg2);
      long home = find(at, level);
      if (home == -1) {
        return done;
      }
      long wanted = limit(at, to, length - done, lg2, level) >>> lg2;
      long filled = fill(table.slot(home, at, level), (int) wanted, to, lg2, level, rights);
      done += filled << lg2;
      if (filled < wanted) {
        long found = pages.load(table.slot(home, iova + done, level));
        if ((found & present) != 0 && format.isLeaf(found, level)) {
          shortfall = Reason.EXISTS;
          return done;
        }
        most = lg2 - 1; // a table, or a page inside this one, is there: try smaller ones
        mostUntil = iova + done + (1L << lg2);
      }
    }
    return done;
  }

  /** log2 of the largest page that alignment, length and limit allow. */
  private int fit(long alignment, long length, int most) {
    int lg2 = Math.min(most, 63 - Long.numberOfLeadingZeros(length));
    lg2 = Math.min(lg2, Long.numberOfTrailingZeros(alignment));
    return 63 - Long.numberOfLeadingZeros(pageSizes & (2L << lg2) - 1);
  }

  /** How many bytes may be filled with pages of this size before something else is due. */
  private long limit(long at, long to, long length, int lg2, int level) {
    int tableLg2 = table.spanLg2(level) + format.indexBits(level);
    long limit = Math.min(length, rest(at, tableLg2));
    long larger = pageSizes & -(2L << lg2);
    if (larger != 0) {
      int next = Long.numberOfTrailingZeros(larger);
      if (((at ^ to) & (1L << next) - 1) == 0) {
        limit = Math.min(limit, rest(at, next)); // from there on the larger one fits
      }
    }
    int linear = format.linearLg2();
    return linear == 63 ? limit : Math.min(limit, rest(to, linear));
  }

  /** Bytes from an address to the end of its block. */
  private static long rest(long address, int lg2) {
    return (1L << lg2) - (address & (1L << lg2) - 1);
  }

  /** Maps pages that lie anywhere. Says how many bytes; the buffer stands behind the last. */
  long mapPages(long iova, int pageLg2, LongBuffer addresses, int rights) {
    shortfall = null;
    int level = table.levelOf(pageLg2);
    int runLg2 = pageLg2 - table.spanLg2(level);
    long step = format.runStep(level, runLg2);
    long at = iova;
    while (addresses.hasRemaining()) {
      long home = find(at, level);
      if (home == -1) {
        break;
      }
      int tableLg2 = table.spanLg2(level) + format.indexBits(level);
      int wanted = (int) Math.min(rest(at, tableLg2) >>> pageLg2, addresses.remaining());
      long slot = table.slot(home, at, level);
      emptyFrom = -1;
      int free = pages.findAny(slot, wanted << runLg2, present) >>> runLg2;
      for (int i = 0; i < free; i++) {
        long entry = format.leafEntry(addresses.get(), level, runLg2, rights);
        pages.storeRun(slot + ((8L * i) << runLg2), 1 << runLg2, entry, step);
      }
      at += (long) free << pageLg2;
      if (free < wanted) {
        shortfall = Reason.EXISTS;
        break;
      }
    }
    return at - iova;
  }

  /** {@link PageTable#descend} has just linked the table that was asked for: it is empty. */
  void linked(long empty) {
    emptyFrom = empty;
  }

  /** The table for an IOVA, -1 with a shortfall if there can be none. */
  private long find(long iova, int level) {
    long block = iova >>> (table.spanLg2(level) + format.indexBits(level));
    int now = table.unlinked();
    if (cached != -1 && cachedLevel == level && cachedBlock == block && cachedAt == now) {
      return cached;
    }
    emptyFrom = -1;
    try {
      cached = table.descend(iova, level, this);
    } catch (IoasisException e) {
      if (e.reason() != Reason.EXHAUSTED) {
        throw e;
      }
      shortfall = Reason.EXHAUSTED;
      cached = -1;
      return -1;
    }
    if (cached == -1) {
      shortfall = Reason.EXISTS;
    }
    cachedLevel = level;
    cachedBlock = block;
    cachedAt = now;
    return cached;
  }

  /** Fills entries with pages that follow one another, as far as the place is free. */
  private int fill(long slot, int wanted, long output, int lg2, int level, int rights) {
    int runLg2 = lg2 - table.spanLg2(level);
    if (runLg2 == 0) {
      long entry = format.leafEntry(output, level, 0, rights);
      if (emptyFrom == -1 || slot < emptyFrom || !table.hasOneMapper()) {
        emptyFrom = -1;
        return pages.storeRunIfClear(slot, wanted, entry, 1L << lg2, present);
      }
      pages.storeRun(slot, wanted, entry, 1L << lg2);
      emptyFrom = slot + 8L * wanted;
      return wanted;
    }
    emptyFrom = -1;
    int free = pages.findAny(slot, wanted << runLg2, present) >>> runLg2;
    long step = format.runStep(level, runLg2);
    for (int i = 0; i < free; i++) {
      long first = format.leafEntry(output + ((long) i << lg2), level, runLg2, rights);
      pages.storeRun(slot + ((8L * i) << runLg2), 1 << runLg2, first, step);
    }
    return free;
  }
}
