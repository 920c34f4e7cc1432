package org.ioasis.kit.pagetable;

/** Takes what {@link RadixTable} finds, in order of IOVA. Every method returns false to end. */
public interface RadixVisitor {
  /**
   * A table is entered.
   *
   * @param address the table
   * @param level its level
   * @return false to end the whole enumeration
   */
  default boolean table(long address, int level) {
    return true;
  }

  /**
   * Whether to enter a table; asked before {@link #table}.
   *
   * @return false to leave it out and go on
   */
  default boolean enters(long address, int level) {
    return true;
  }

  /**
   * A leaf.
   *
   * @param leaf what was found
   * @return false to end
   */
  boolean leaf(Leaf leaf);

  /**
   * A table that cannot be entered.
   *
   * @param problem what was found
   * @return false to end
   */
  boolean problem(Problem problem);

  /**
   * A leaf entry.
   *
   * @param iova first IOVA of the page
   * @param level level of the table it stands in
   * @param entry the entry
   * @param output address of the page
   * @param rights ANDed over all levels
   */
  record Leaf(long iova, int level, long entry, long output, int rights) {}

  /**
   * A table that cannot be entered.
   *
   * @param iova first IOVA that it would serve
   * @param level its level
   * @param table its address
   * @param cycle whether it is already on its own path; otherwise memory is absent or poisoned
   *     there
   */
  record Problem(long iova, int level, long table, boolean cycle) {}
}
