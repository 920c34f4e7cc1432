package org.ioasis.amdvi.driver;

import org.ioasis.amdvi.format.Gcr3Entry;
import org.ioasis.kit.driver.TablePages;

/**
 * The GCR3 table of one device: roots of v2 tables by PASID. Requests without a PASID use entry 0.
 * "Guest CR3 Table".
 *
 * <p><b>Threading:</b> one thread at a time; the unit reads meanwhile.
 */
final class Gcr3Table {
  private static final int ENTRIES = 1 << Gcr3Entry.INDEX_BITS;

  private final TablePages pages;
  private final int levels;
  private final long root;

  private Gcr3Table(TablePages pages, int levels, long root) {
    this.pages = pages;
    this.levels = levels;
    this.root = root;
  }

  /** Levels that PASIDs of a width need, 1 to 3. */
  private static int levels(int pasidBits) {
    return Math.max(1, (pasidBits + Gcr3Entry.INDEX_BITS - 1) / Gcr3Entry.INDEX_BITS);
  }

  /** An empty table for PASIDs of a width. */
  static Gcr3Table empty(TablePages pages, int pasidBits) {
    return new Gcr3Table(pages, levels(pasidBits), pages.allocate());
  }

  /** A table that a predecessor made. */
  static Gcr3Table adopted(TablePages pages, int levels, long root) {
    Gcr3Table table = new Gcr3Table(pages, levels, root);
    table.countAdopted(root, levels - 1);
    return table;
  }

  private void countAdopted(long table, int level) {
    pages.adopted(table, 12);
    for (int i = 0; level > 0 && i < ENTRIES; i++) {
      long entry = pages.load(table + (long) Gcr3Entry.BYTES * i);
      if (Gcr3Entry.V.isSet(entry)) {
        countAdopted(Gcr3Entry.ADDRESS.inPlace(entry), level - 1);
      }
    }
  }

  long root() {
    return root;
  }

  int levels() {
    return levels;
  }

  /** Puts the root of a v2 table at a PASID; 0 takes it away. Visible to the unit. */
  void put(int pasid, long tableRoot) {
    long table = root;
    for (int level = levels - 1; level > 0; level--) {
      long slot = slot(table, pasid, level);
      long entry = pages.load(slot);
      if (!Gcr3Entry.V.isSet(entry)) {
        if (tableRoot == 0) {
          return;
        }
        entry = Gcr3Entry.V.mask() | Gcr3Entry.ADDRESS.ofInPlace(pages.allocate());
        pages.barrier();
        pages.store(slot, entry);
      }
      table = Gcr3Entry.ADDRESS.inPlace(entry);
    }
    pages.store(
        slot(table, pasid, 0),
        tableRoot == 0 ? 0 : Gcr3Entry.V.mask() | Gcr3Entry.ADDRESS.ofInPlace(tableRoot));
    pages.barrier();
  }

  private static long slot(long table, int pasid, int level) {
    return table + (long) Gcr3Entry.BYTES * Gcr3Entry.index(pasid, level);
  }

  /** Takes PASIDs and roots. */
  interface Visitor {
    /** An entry. */
    void entry(int pasid, long tableRoot);
  }

  /** Calls back for every PASID that has a root. */
  void forEach(Visitor visitor) {
    forEach(root, levels - 1, 0, visitor);
  }

  private void forEach(long table, int level, int pasid, Visitor visitor) {
    for (int i = 0; i < ENTRIES; i++) {
      long entry = pages.load(table + (long) Gcr3Entry.BYTES * i);
      if (Gcr3Entry.V.isSet(entry)) {
        int below = pasid | i << (Gcr3Entry.INDEX_BITS * level);
        long address = Gcr3Entry.ADDRESS.inPlace(entry);
        if (level == 0) {
          visitor.entry(below, address);
        } else {
          forEach(address, level - 1, below, visitor);
        }
      }
    }
  }

  /** Gives the frames back; the unit holds none. */
  void free() {
    free(root, levels - 1);
  }

  private void free(long table, int level) {
    for (int i = 0; level > 0 && i < ENTRIES; i++) {
      long entry = pages.load(table + (long) Gcr3Entry.BYTES * i);
      if (Gcr3Entry.V.isSet(entry)) {
        free(Gcr3Entry.ADDRESS.inPlace(entry), level - 1);
      }
    }
    pages.free(table);
  }
}
