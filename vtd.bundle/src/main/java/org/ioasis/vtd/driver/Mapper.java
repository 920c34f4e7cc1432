package org.ioasis.vtd.driver;

import java.nio.LongBuffer;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.vtd.format.AddressBits;

/**
 * Fills tables with leafs: walks down once per table and then stores run after run. Remembers the
 * last leaf table, so that single pages in order cost one store each.
 *
 * <p><b>Threading:</b> one thread at a time.
 */
final class Mapper {
  private final PageTable table;
  private final TableFormat format;
  private final TablePages pages;

  /** The table found last: its level, the block it serves, and when it was found. */
  private long cached;

  private int cachedLevel;
  private long cachedBlock;
  private int cachedAt;

  /** Why the last call fell short; null if it did not. */
  private Reason shortfall;

  Mapper(PageTable table) {
    this.table = table;
    this.format = table.format();
    this.pages = table.pages();
  }

  /** Why the last call fell short; null if it did not. */
  Reason shortfall() {
    return shortfall;
  }

  /** Forgets the table found last. */
  void forget() {
    cached = 0;
  }

  /** Maps a contiguous run. Says how many bytes. */
  long map(long iova, long address, long length, int rights) {
    shortfall = null;
    long done = 0;
    int most = 3;
    long mostUntil = 0;
    while (done < length) {
      long at = iova + done;
      long to = address + done;
      if (at >= mostUntil) {
        most = 3;
      }
      int level = Math.min(most, format.bestLevel(at | to, length - done));
      int lg2 = AddressBits.spanLg2(level);
      long home = find(at, level);
      if (home == 0) {
        return done;
      }
      int index = (int) (at >>> lg2) & PageTable.ENTRIES - 1;
      int run = (int) Math.min(PageTable.ENTRIES - index, length - done >>> lg2);
      int filled = fill(home + 8L * index, run, format.leafEntry(to, level, rights), 1L << lg2);
      done += (long) filled << lg2;
      if (filled < run) {
        long found = pages.load(home + 8L * (index + filled));
        if (format.isLeaf(found, level)) {
          shortfall = Reason.EXISTS;
          return done;
        }
        most = level - 1; // a table is there already: fill it with smaller pages
        mostUntil = iova + done + (1L << lg2);
      }
    }
    return done;
  }

  /** Maps pages that lie anywhere. Says how many bytes; the buffer stands behind the last. */
  long mapPages(long iova, int pageLg2, LongBuffer addresses, int rights) {
    shortfall = null;
    int level = (pageLg2 - AddressBits.PAGE_LG2) / AddressBits.INDEX_BITS + 1;
    long at = iova;
    while (addresses.hasRemaining()) {
      long home = find(at, level);
      if (home == 0) {
        break;
      }
      int index = (int) (at >>> pageLg2) & PageTable.ENTRIES - 1;
      int run = Math.min(PageTable.ENTRIES - index, addresses.remaining());
      int filled = fillAnywhere(home + 8L * index, run, addresses, level, rights);
      at += (long) filled << pageLg2;
      if (filled < run) {
        shortfall = Reason.EXISTS;
        break;
      }
    }
    return at - iova;
  }

  /** The table for an IOVA, 0 with a shortfall if there can be none. */
  private long find(long iova, int level) {
    long block = iova >>> AddressBits.spanLg2(level + 1);
    int now = table.unlinked();
    if (cached != 0 && cachedLevel == level && cachedBlock == block && cachedAt == now) {
      return cached;
    }
    try {
      cached = table.descend(iova, level);
    } catch (IoasisException e) {
      if (e.reason() != Reason.EXHAUSTED) {
        throw e;
      }
      shortfall = Reason.EXHAUSTED;
      cached = 0;
      return 0;
    }
    if (cached == 0) {
      shortfall = Reason.EXISTS;
    }
    cachedLevel = level;
    cachedBlock = block;
    cachedAt = now;
    return cached;
  }

  private int fill(long slot, int run, long firstEntry, long step) {
    long at = slot;
    long entry = firstEntry;
    int filled = 0;
    while (filled < run && !format.isPresent(pages.load(at))) {
      pages.put(at, entry);
      at += 8;
      entry += step;
      filled++;
    }
    pages.clean(slot, 8L * filled);
    return filled;
  }

  private int fillAnywhere(long slot, int run, LongBuffer addresses, int level, int rights) {
    long bits = format.leafEntry(0, level, rights);
    long at = slot;
    int filled = 0;
    while (filled < run && !format.isPresent(pages.load(at))) {
      pages.put(at, addresses.get() | bits);
      at += 8;
      filled++;
    }
    pages.clean(slot, 8L * filled);
    return filled;
  }
}
