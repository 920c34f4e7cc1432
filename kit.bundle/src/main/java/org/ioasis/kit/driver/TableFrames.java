package org.ioasis.kit.driver;

/**
 * Frames of the tables of one page table. A few that came back are kept for the next ones: taking a
 * run out of the machine&#39;s allocator and giving it back costs as much as filling half a table.
 * What comes back is all zeros.
 *
 * <p><b>Threading:</b> any thread; {@code this} guards what is kept.
 */
final class TableFrames {
  private static final int MOST_KEPT = 64;

  private final TablePages pages;
  private final int sizeLg2;
  private final long[] kept = new long[MOST_KEPT];
  private int count;

  /**
   * Frames.
   *
   * @param sizeLg2 log2 of the bytes of a table
   */
  TableFrames(TablePages pages, int sizeLg2) {
    this.pages = pages;
    this.sizeLg2 = sizeLg2;
  }

  /** A zeroed table that the walker sees as such. */
  long allocate() {
    long table = takeKept();
    return table == -1 ? pages.allocate(sizeLg2) : table;
  }

  private synchronized long takeKept() {
    return count == 0 ? -1 : kept[--count];
  }

  /** Takes a table back, all zeros; the unit holds it no longer. */
  void free(long table) {
    synchronized (this) {
      if (count < MOST_KEPT) {
        kept[count++] = table;
        return;
      }
    }
    pages.free(table, sizeLg2);
  }

  /** Gives back what is kept. */
  synchronized void drain() {
    while (count > 0) {
      pages.free(kept[--count], sizeLg2);
    }
  }
}
