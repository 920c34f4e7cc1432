package org.ioasis.vtd.hardware;

import org.ioasis.vtd.format.PasidTableEntry;

/**
 * What a present, well-formed context entry or PASID entry says, for enumerations.
 *
 * @param sid source id
 * @param pasid PASID, -1 in legacy mode
 * @param requesters whether requests without PASID are served by it
 * @param type PGTT; legacy mode has second stage and pass-through
 * @param domain domain-id
 * @param root address of the top table; 0 for pass-through
 * @param levels levels of the tables, 3 to 5; 0 for pass-through
 * @param width IOVAs are below 2^width; first stage: canonical in that width
 */
record Binding(
    int sid,
    int pasid,
    boolean requesters,
    int type,
    int domain,
    long root,
    int levels,
    int width) {

  boolean isLegacy() {
    return pasid < 0;
  }

  boolean isFirstStage() {
    return type == PasidTableEntry.PGTT_FIRST_STAGE;
  }

  boolean isPassThrough() {
    return type == PasidTableEntry.PGTT_PASS_THROUGH;
  }

  /** Last IOVA that the tables are asked for. */
  long last() {
    return width >= 64 ? -1L : (1L << width) - 1;
  }
}
