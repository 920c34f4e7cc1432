package org.ioasis.kit.pagetable;

/**
 * How the entries of a radix table read: pure functions of an entry and its level. Entries have 64
 * bits.
 *
 * <p><b>Threading:</b> immutable.
 */
public interface RadixFormat {
  /** What an entry is. */
  enum Kind {
    /** Grants nothing. */
    NOT_PRESENT,
    /** Leads to a table below. */
    TABLE,
    /** Maps a page. */
    LEAF,
    /** Present, and hardware refuses it: reserved bits. */
    MALFORMED
  }

  /** Level of the root table, at least 0. */
  int topLevel();

  /** Bits of the IOVA that index one table; its size is 2^(indexBits+3) bytes. */
  int indexBits();

  /**
   * Bits of the IOVA that index the root table: fewer than {@link #indexBits} where the IOVA is
   * small, more where root tables are concatenated.
   */
  default int rootIndexBits() {
    return indexBits();
  }

  /** log2 of the bytes that one entry of a level covers. */
  int spanLg2(int level);

  /** What the entry is. */
  Kind kind(long entry, int level);

  /**
   * Level of the table that a {@link Kind#TABLE} entry leads to, 0 to {@code level} - 1: one below,
   * unless the format can skip levels. IOVAs of what was skipped have zeros there.
   */
  default int nextLevel(long entry, int level) {
    return level - 1;
  }

  /** Address of the next table, or of the page. */
  long address(long entry, int level);

  /** What the entry allows, in bits of the format's own; they are ANDed on the way down. */
  int rights(long entry, int level);

  /**
   * Where an entry lies in memory. Differs from its address where tables are themselves behind a
   * second stage.
   *
   * @return the place, or {@link RadixTable#NOWHERE}
   */
  default long locate(long address) {
    return address;
  }
}
