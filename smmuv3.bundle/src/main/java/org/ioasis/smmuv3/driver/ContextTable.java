package org.ioasis.smmuv3.driver;

import org.ioasis.kit.driver.TablePages;
import org.ioasis.smmuv3.format.Cd;
import org.ioasis.smmuv3.format.L1Cd;

/**
 * The context descriptors of one device, by SubstreamID: linear up to 1024 of them, above with a
 * second level of 64 KiB tables. "Context descriptor tables".
 *
 * <p><b>Threading:</b> one thread at a time; the unit reads meanwhile.
 */
final class ContextTable {
  /** STE.S1Fmt: linear; two levels of 64 KiB tables. */
  static final int LINEAR = 0, TWO_LEVEL_64K = 2;

  private static final int CD_LG2 = 6, SPLIT = 10, FRAME_LG2 = 12;

  private final TablePages pages;
  private final int bits;
  private final long root;

  private ContextTable(TablePages pages, int bits, long root) {
    this.pages = pages;
    this.bits = bits;
    this.root = root;
  }

  /** An empty table for SubstreamIDs of a width; 0 for one descriptor. */
  static ContextTable empty(TablePages pages, int bits) {
    return new ContextTable(pages, bits, pages.allocate(rootLg2(bits)));
  }

  private static int rootLg2(int bits) {
    return Math.max(FRAME_LG2, bits > SPLIT ? bits - SPLIT + 3 : bits + CD_LG2);
  }

  /** A table that a predecessor made. */
  static ContextTable adopted(TablePages pages, int bits, long root) {
    ContextTable table = new ContextTable(pages, bits, root);
    pages.adopted(root, rootLg2(bits));
    table.forEachSecond(second -> pages.adopted(second, SPLIT + CD_LG2));
    return table;
  }

  /** Takes second-level tables. */
  private interface Second {
    void table(long address);
  }

  private void forEachSecond(Second visitor) {
    for (int i = 0; bits > SPLIT && i < 1 << (bits - SPLIT); i++) {
      long descriptor = pages.load(root + 8L * i);
      if (L1Cd.V.isSet(descriptor)) {
        visitor.table(L1Cd.L2PTR.inPlace(descriptor));
      }
    }
  }

  long root() {
    return root;
  }

  /** STE.S1CDMax. */
  int bits() {
    return bits;
  }

  /** STE.S1Fmt. */
  int format() {
    return bits > SPLIT ? TWO_LEVEL_64K : LINEAR;
  }

  /** Address of a descriptor; its table comes if it is not there. */
  long entry(int ssid) {
    if (bits <= SPLIT) {
      return root + ((long) ssid << CD_LG2);
    }
    long slot = root + 8L * (ssid >>> SPLIT);
    long descriptor = pages.load(slot);
    if (!L1Cd.V.isSet(descriptor)) {
      descriptor = L1Cd.V.mask() | L1Cd.L2PTR.ofInPlace(pages.allocate(SPLIT + CD_LG2));
      pages.barrier();
      pages.store(slot, descriptor);
    }
    return L1Cd.L2PTR.inPlace(descriptor) + ((long) (ssid & (1 << SPLIT) - 1) << CD_LG2);
  }

  /**
   * A table that says the same but for one descriptor: to be put in place of this one by a single
   * store. Second-level tables that do not change are shared.
   */
  ContextTable with(int ssid, long[] words) {
    long copy = copy(root, rootLg2(bits));
    ContextTable other = new ContextTable(pages, bits, copy);
    if (bits > SPLIT) {
      long slot = copy + 8L * (ssid >>> SPLIT);
      long second = copy(L1Cd.L2PTR.inPlace(pages.load(slot)), SPLIT + CD_LG2);
      pages.store(slot, L1Cd.V.mask() | L1Cd.L2PTR.ofInPlace(second));
    }
    long at = other.entry(ssid);
    for (int word = 0; word < words.length; word++) {
      pages.store(at + 8L * word, words[word]);
    }
    pages.barrier();
    return other;
  }

  private long copy(long table, int lg2) {
    long copy = pages.allocate(lg2);
    for (long at = 0; at < 1L << lg2; at += 8) {
      pages.put(copy + at, pages.load(table + at));
    }
    pages.clean(copy, 1L << lg2);
    return copy;
  }

  /** Gives back what a table does not share with the one that {@link #with} made of it. */
  void freeReplaced(int ssid) {
    if (bits > SPLIT) {
      pages.free(L1Cd.L2PTR.inPlace(pages.load(root + 8L * (ssid >>> SPLIT))), SPLIT + CD_LG2);
    }
    pages.free(root, rootLg2(bits));
  }

  /** Takes valid descriptors. */
  interface Visitor {
    /** A descriptor. */
    void entry(int ssid, long address);
  }

  /** Calls back for every valid descriptor. */
  void forEach(Visitor visitor) {
    for (int ssid = 0; ssid < 1 << bits; ssid++) {
      if (bits > SPLIT && !L1Cd.V.isSet(pages.load(root + 8L * (ssid >>> SPLIT)))) {
        ssid |= (1 << SPLIT) - 1;
        continue;
      }
      long at = entry(ssid);
      if (Cd.V.isSet(pages.load(at))) {
        visitor.entry(ssid, at);
      }
    }
  }

  /** Gives the frames back; the unit holds none. */
  void free() {
    forEachSecond(second -> pages.free(second, SPLIT + CD_LG2));
    pages.free(root, rootLg2(bits));
  }
}
