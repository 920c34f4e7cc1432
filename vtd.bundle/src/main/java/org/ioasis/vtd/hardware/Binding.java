package org.ioasis.vtd.hardware;

import org.ioasis.vtd.format.AddressBits;
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
 * @param secondWidth nested: guest physical addresses are below 2^secondWidth
 * @param word0 quadwords of the PASID entry; 0 in legacy mode
 * @param word1 the second
 * @param word2 the third
 */
record Binding(
    int sid,
    int pasid,
    boolean requesters,
    int type,
    int domain,
    long root,
    int levels,
    int width,
    int secondWidth,
    long word0,
    long word1,
    long word2) {

  boolean isLegacy() {
    return pasid < 0;
  }

  boolean isNested() {
    return type == PasidTableEntry.PGTT_NESTED;
  }

  /** Whether IOVAs go through first-stage tables: first stage alone, or nested. */
  boolean isFirstStage() {
    return type == PasidTableEntry.PGTT_FIRST_STAGE || isNested();
  }

  /** Nested: the top second-stage table. */
  long secondRoot() {
    return PasidTableEntry.SSPTPTR.inPlace(word0);
  }

  /** Nested: levels of the second stage. */
  int secondLevels() {
    return AddressBits.levels((int) PasidTableEntry.AW.get(word0));
  }

  boolean isPassThrough() {
    return type == PasidTableEntry.PGTT_PASS_THROUGH;
  }

  /** Last IOVA that the tables are asked for. */
  long last() {
    return width >= 64 ? -1L : (1L << width) - 1;
  }
}
