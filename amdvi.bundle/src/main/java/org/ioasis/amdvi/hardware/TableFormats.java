package org.ioasis.amdvi.hardware;

import java.util.function.LongUnaryOperator;
import org.ioasis.amdvi.format.GuestPte;
import org.ioasis.amdvi.format.HostPde;
import org.ioasis.amdvi.format.HostPte;
import org.ioasis.kit.pagetable.RadixFormat;

/** Both kinds of tables for the generic iterator. Its level is the specification's less 1. */
final class TableFormats {
  /** A right of guest entries beside READ, WRITE and EXECUTE: user accesses. */
  static final int USER = 16;

  private static final int INDEX_BITS = 9;

  private TableFormats() {}

  /**
   * v1 tables.
   *
   * @param mode levels, 1 to 6
   */
  record Host(int mode) implements RadixFormat {
    @Override
    public int topLevel() {
      return mode - 1;
    }

    @Override
    public int indexBits() {
      return INDEX_BITS;
    }

    @Override
    public int spanLg2(int level) {
      return HostPte.defaultSizeLg2(level + 1);
    }

    @Override
    public Kind kind(long entry, int level) {
      if (!HostPte.PR.isSet(entry)) {
        return Kind.NOT_PRESENT;
      }
      int next = (int) HostPte.NEXT_LEVEL.get(entry);
      boolean leaf = isLeaf(next);
      long reserved = (leaf ? HostPte.LAYOUT : HostPde.LAYOUT).reserved(0);
      if ((entry & reserved) != 0 || (leaf ? sizeLg2(entry, level) == 0 : next > level)) {
        return Kind.MALFORMED;
      }
      return leaf ? Kind.LEAF : Kind.TABLE;
    }

    private static boolean isLeaf(int next) {
      return next == HostPte.NEXT_LEVEL_DEFAULT_SIZE || next == HostPte.NEXT_LEVEL_EXPLICIT_SIZE;
    }

    /** log2 of the page of a leaf, 0 if it is illegal. */
    static int sizeLg2(long entry, int level) {
      if (HostPte.NEXT_LEVEL.get(entry) == HostPte.NEXT_LEVEL_DEFAULT_SIZE) {
        return level < 5 ? HostPte.defaultSizeLg2(level + 1) : 0;
      }
      int lg2 = HostPte.explicitSizeLg2(entry);
      return HostPte.isLegalSize(lg2, level + 1) ? lg2 : 0;
    }

    @Override
    public int nextLevel(long entry, int level) {
      return (int) HostPte.NEXT_LEVEL.get(entry) - 1;
    }

    @Override
    public long address(long entry, int level) {
      long address = HostPte.ADDRESS.inPlace(entry);
      return isLeaf((int) HostPte.NEXT_LEVEL.get(entry))
          ? address & -(1L << sizeLg2(entry, level))
          : address;
    }

    @Override
    public int rights(long entry, int level) {
      return (HostPte.IR.isSet(entry) ? Access.READ : 0)
          | (HostPte.IW.isSet(entry) ? Access.WRITE : 0);
    }
  }

  /**
   * v2 tables.
   *
   * @param levels 4 or 5
   * @param capabilities decide which bits are reserved
   * @param place where a table at an address lies, itself without host tables
   */
  record Guest(int levels, Capabilities capabilities, LongUnaryOperator place)
      implements RadixFormat {
    @Override
    public int topLevel() {
      return levels - 1;
    }

    @Override
    public int indexBits() {
      return INDEX_BITS;
    }

    @Override
    public int spanLg2(int level) {
      return GuestPte.sizeLg2(level + 1);
    }

    @Override
    public Kind kind(long entry, int level) {
      if (!GuestPte.P.isSet(entry)) {
        return Kind.NOT_PRESENT;
      }
      boolean large = level > 0 && GuestPte.PS.isSet(entry);
      boolean malformed =
          (GuestPte.NX.isSet(entry) && !capabilities.noExecute())
              || (large && (level > 2 || (entry & GuestPte.belowPage(level + 1)) != 0));
      if (malformed) {
        return Kind.MALFORMED;
      }
      return large || level == 0 ? Kind.LEAF : Kind.TABLE;
    }

    @Override
    public long address(long entry, int level) {
      return level == 0 || GuestPte.PS.isSet(entry)
          ? GuestPte.page(entry, level + 1)
          : place.applyAsLong(GuestPte.ADDRESS.inPlace(entry));
    }

    @Override
    public int rights(long entry, int level) {
      return Access.READ
          | (GuestPte.RW.isSet(entry) ? Access.WRITE : 0)
          | (GuestPte.US.isSet(entry) ? USER : 0)
          | (GuestPte.NX.isSet(entry) ? 0 : Access.EXECUTE);
    }

    /** The address as software writes it: sign-extended, or for PASID 0 as it is. */
    long iova(long index, int pasid) {
      int unused = Long.SIZE - GuestPte.sizeLg2(levels + 1);
      return pasid == 0 ? index : index << unused >> unused;
    }
  }
}
