package org.ioasis.kit.driver;

/**
 * How a driver writes the entries of a radix table: pure functions and limits of one vendor&#39;s
 * format, with the width, rights and attributes of one kind of domain built in. Entries have 64
 * bits.
 *
 * <p>Levels count from the leafs: level 0 is the table of the smallest pages, {@link #topLevel} the
 * root. Specifications that count the other way, or from 1, convert here.
 *
 * <p><b>Pages and runs.</b> A page of 2<sup>n</sup> bytes stands at the highest level whose entries
 * span no more than it. If it is larger than that span it is a <em>run</em>: 2<sup>runLg2</sup>
 * neighbouring entries, naturally aligned, that hardware may treat as one. Two conventions are
 * covered by {@link #runStep}: entries that count on (each with the address of its own part, plus a
 * hint) and entries that are all the same. Marks of written pages may be set in any entry of a run.
 *
 * <p><b>What must hold.</b> All tables below the root have the size of a level 0 table. For every
 * leaf size above a level&#39;s span, the span itself is a leaf size too, and the span of the level
 * below each leaf size is one: so every page can be split. Entries of consecutive pages differ by
 * the page size, except across a block of 2^{@link #linearLg2} of addresses.
 *
 * <p>Loops over entries do not call this interface; they use {@link #presentMask} and arithmetic
 * runs, so that three drivers in one virtual machine do not slow each other down.
 *
 * <p><b>Threading:</b> immutable.
 */
public interface TableFormat {
  /** Level of the root table. */
  int topLevel();

  /** Width of an IOVA: it is below 2^inputBits. */
  int inputBits();

  /** Width of a physical address in an entry. */
  int outputBits();

  /** Sizes of leaf pages, bit n set for 2^n bytes; the lowest is the granule. */
  long pageSizes();

  /**
   * Rights that leafs can tell apart, as bits of {@link org.ioasis.api.machine.DmaRequest}, for the
   * limits of a domain.
   */
  int rights();

  /** Whether a leaf can have exactly these rights. */
  boolean expresses(int rights);

  /**
   * log2 of the entries of a table. The root may have more than others: concatenated tables are one
   * table to the writer.
   */
  int indexBits(int level);

  /** log2 of the bytes that one entry covers. */
  int spanLg2(int level);

  /** An entry is present if it has one of these bits. */
  long presentMask();

  /** Whether a present entry is a leaf; at level 0 every one is. */
  boolean isLeaf(long entry, int level);

  /** log2 of the entries that a leaf is made of; 0 if it stands alone. */
  default int runLg2(long entry, int level) {
    return 0;
  }

  /**
   * Address of the table that an entry leads to, or of the whole page that it is a part of: for a
   * run, the start of the run.
   */
  long address(long entry, int level);

  /** Rights of a leaf. */
  int rightsOf(long entry, int level);

  /**
   * An entry that leads to a table, with whatever rights table entries need so that leafs decide.
   */
  long tableEntry(long table, int level);

  /**
   * The first entry of a leaf.
   *
   * @param output address of the page, aligned to its size
   * @param runLg2 log2 of the entries it is made of
   * @param rights as {@link #expresses} allows
   */
  long leafEntry(long output, int level, int runLg2, int rights);

  /** What is added from one entry of a run to the next: the span, or 0 if all are the same. */
  default long runStep(int level, int runLg2) {
    return 1L << spanLg2(level);
  }

  /** log2 of the block of physical addresses within which entries count on; 63 for all. */
  default int linearLg2() {
    return 63;
  }

  /** A leaf entry with other rights; what hardware or software noted in it stays. */
  long withRights(long entry, int level, int rights);

  /**
   * One entry of the pages that say the same as a larger one: rights, attributes and notes kept.
   *
   * @param entry the first entry of the page to split
   * @param level its level
   * @param runLg2 log2 of the entries it is made of
   * @param pieceLevel {@code level} for the parts of a run, {@code level - 1} for a page that stood
   *     alone
   * @return the first piece, standing alone at {@code pieceLevel}; the others count on by its span
   */
  long firstPiece(long entry, int level, int runLg2, int pieceLevel);

  /**
   * Whether a live page must be gone, and its invalidation complete, before entries that cut it
   * otherwise, or a run with other rights, take its place (break before make). Otherwise entries
   * are exchanged one by one, and each exchange is whole.
   */
  default boolean breaksFirst(int level, int runLg2) {
    return false;
  }

  /** Whether the format can tell written pages from others. */
  default boolean marksWritten() {
    return false;
  }

  /** Whether a leaf entry is marked as written. */
  default boolean isWritten(long entry, int level) {
    return false;
  }

  /** A leaf entry with the mark set or taken away, as far as its rights allow. */
  default long withWritten(long entry, int level, boolean written) {
    return entry;
  }
}
