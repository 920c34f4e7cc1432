package org.ioasis.vtd.hardware;

import org.ioasis.vtd.format.FaultReason;

/**
 * Where a stage's tables end for one address, for {@link ReferenceWalker}: a page, or a fault.
 *
 * @param reason the fault; null for a page
 * @param why the check that decided
 * @param output the address that comes out
 * @param lg2 log2 of the page's size
 * @param rights READ and WRITE as all levels give them
 * @param snoops the page asks for snooping
 */
record ReferencePage(
    FaultReason reason, String why, long output, int lg2, int rights, boolean snoops) {

  static ReferencePage fault(FaultReason reason, String why) {
    return new ReferencePage(reason, why, 0, 0, 0, false);
  }

  boolean isFault() {
    return reason != null;
  }
}
