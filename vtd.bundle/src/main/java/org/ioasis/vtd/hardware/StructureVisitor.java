package org.ioasis.vtd.hardware;

/** Takes what {@link StructureScan} finds. Every method returns false to end the scan. */
interface StructureVisitor {
  /**
   * A page of structures; the same page may come again.
   *
   * @param kind {@code root-table}, {@code context-table}, {@code sm-context-table}, {@code
   *     pasid-dir}, {@code pasid-table}
   */
  default boolean page(long address, String kind) {
    return true;
  }

  /**
   * A present context entry.
   *
   * @param words its quadwords
   * @param objection what is wrong with it, null if it is well formed
   */
  default boolean device(int sid, long[] words, StructureChecks.Objection objection) {
    return true;
  }

  /** A well-formed entry that selects a translation. */
  default boolean binding(Binding binding) {
    return true;
  }

  /**
   * A table of device or PASID structures that memory does not have.
   *
   * @param sid the source id that leads to it, -1 if none does yet
   * @param pasid first PASID it would serve, -1 for a context table
   */
  default boolean unreadable(int sid, int pasid, long address, String kind) {
    return true;
  }
}
