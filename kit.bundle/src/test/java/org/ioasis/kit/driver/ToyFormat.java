package org.ioasis.kit.driver;

/**
 * A small format in each of the ways real ones differ: 4 index bits, a root of 5, pages of 4 KiB,
 * 64 KiB and 1 MiB, and runs of four entries of the two lower.
 *
 * <pre>
 *  0 valid | 1 table | 2 read | 3 write | 4 written | 8 in a run of four | 47:12 address
 * </pre>
 */
record ToyFormat(Runs runs) implements TableFormat {
  /** How runs are told. */
  enum Runs {
    /** There are none. */
    NONE,
    /** Entries count on, and are broken before they are made otherwise. */
    HINT,
    /** All entries are the same, and are exchanged one by one. */
    SAME
  }

  private static final long PAGES = 1L << 12 | 1L << 16 | 1L << 20;
  private static final long RUN_PAGES = 1L << 14 | 1L << 18;
  private static final long ADDRESS = 0xFFFF_FFFF_F000L;

  @Override
  public int topLevel() {
    return 2;
  }

  @Override
  public int inputBits() {
    return 25;
  }

  @Override
  public int outputBits() {
    return 48;
  }

  @Override
  public long pageSizes() {
    return runs == Runs.NONE ? PAGES : PAGES | RUN_PAGES;
  }

  @Override
  public int rights() {
    return 3;
  }

  @Override
  public boolean expresses(int rights) {
    return rights > 0 && rights <= 3;
  }

  @Override
  public int indexBits(int level) {
    return level == 2 ? 5 : 4;
  }

  @Override
  public int spanLg2(int level) {
    return 12 + 4 * level;
  }

  @Override
  public long presentMask() {
    return 1;
  }

  @Override
  public boolean isLeaf(long entry, int level) {
    return (entry & 2) == 0;
  }

  @Override
  public int runLg2(long entry, int level) {
    return (entry & 0x100) != 0 ? 2 : 0;
  }

  @Override
  public long address(long entry, int level) {
    return isLeaf(entry, level)
        ? entry & ADDRESS & -(1L << (spanLg2(level) + runLg2(entry, level)))
        : (entry & ADDRESS) >>> 12;
  }

  @Override
  public int rightsOf(long entry, int level) {
    return (int) (entry >>> 2 & 3);
  }

  @Override
  public long tableEntry(long table, int level) {
    return table << 12 | 3; // tables are smaller than a page here
  }

  @Override
  public long leafEntry(long output, int level, int runLg2, int rights) {
    return output | 1 | (long) rights << 2 | (runLg2 > 0 ? 0x100 : 0);
  }

  @Override
  public long runStep(int level, int runLg2) {
    return runs == Runs.SAME ? 0 : 1L << spanLg2(level);
  }

  @Override
  public long withRights(long entry, int level, int rights) {
    return (entry & ~0xCL) | (long) rights << 2;
  }

  @Override
  public long firstPiece(long entry, int level, int runLg2, int pieceLevel) {
    return entry & ~0x100L;
  }

  @Override
  public boolean breaksFirst(int level, int runLg2) {
    return runs == Runs.HINT;
  }

  @Override
  public boolean marksWritten() {
    return true;
  }

  @Override
  public boolean isWritten(long entry, int level) {
    return (entry & 0x10) != 0;
  }

  @Override
  public long withWritten(long entry, int level, boolean written) {
    return written ? entry | 0x10 : entry & ~0x10L;
  }
}
