package org.ioasis.smmuv3.hardware;

/** Takes what {@link StreamScan} finds. Every method returns false to end the scan. */
interface StreamVisitor {
  /**
   * A page of structures; the same page may come again.
   *
   * @param kind {@code stream-table}, {@code stream-table-l1}, {@code cd-table}, {@code
   *     cd-table-l1}
   */
  default boolean page(long address, String kind) {
    return true;
  }

  /**
   * A valid STE.
   *
   * @param words its words
   * @param objection what is wrong with it, null if it is legal
   */
  default boolean device(int sid, long[] words, String objection) {
    return true;
  }

  /** A legal STE that bypasses, or translates by stage 2 for all that has no CD. */
  default boolean stream(int sid, StreamEntry ste) {
    return true;
  }

  /**
   * A legal CD.
   *
   * @param pasid the SubstreamID that leads to it, -1 if transactions without one do
   */
  default boolean context(int sid, int pasid, StreamEntry ste, ContextEntry cd) {
    return true;
  }

  /**
   * A table that memory does not have.
   *
   * @param sid the StreamID that leads to it, -1 if none does yet
   */
  default boolean unreadable(int sid, long address, String kind) {
    return true;
  }
}
