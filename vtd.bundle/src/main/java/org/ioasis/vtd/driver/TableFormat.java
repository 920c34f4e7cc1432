package org.ioasis.vtd.driver;

import org.ioasis.api.machine.DmaRequest;
import org.ioasis.kit.layout.Field;
import org.ioasis.vtd.format.AddressBits;
import org.ioasis.vtd.format.FirstStageEntry;
import org.ioasis.vtd.format.SecondStageEntry;

/**
 * How this driver writes paging entries: both formats as one set of masks, so that the loops over
 * tables are the same code. Levels are the specification's: 1 holds 4 KiB leafs. VT-d,
 * "Second-Stage Paging Entries", "First-Stage Paging Entries".
 *
 * <p>First-stage entries are written with A and, where writable, D set: the unit never has to
 * update them, as walks that are not coherent could not.
 *
 * <p><b>Threading:</b> immutable.
 */
final class TableFormat {
  private static final int RIGHTS = DmaRequest.READ | DmaRequest.WRITE;
  private static final Field ADDRESS = SecondStageEntry.TABLE; // 51:12 in both formats

  private final int stage;
  private final int levels;
  private final int inputBits;
  private final int outputBits;
  private final long pageSizes;
  private final long present;
  private final long table;
  private final long pageSize;
  private final long rightsMask;
  private final long[] leaf = new long[RIGHTS + 1];

  private TableFormat(int stage, int levels, int inputBits, int outputBits, long pageSizes) {
    this.stage = stage;
    this.levels = levels;
    this.inputBits = inputBits;
    this.outputBits = Math.min(outputBits, AddressBits.ENTRY_ADDRESS_HIGH + 1);
    this.pageSizes = pageSizes;
    boolean first = stage == 1;
    long read = first ? FirstStageEntry.P.mask() : SecondStageEntry.R.mask();
    long write = first ? FirstStageEntry.RW.mask() : SecondStageEntry.W.mask();
    long both = read | write;
    present = first ? read : both;
    pageSize = first ? FirstStageEntry.PS.mask() : SecondStageEntry.PS.mask();
    table = first ? both | FirstStageEntry.US.mask() | FirstStageEntry.A.mask() : both;
    rightsMask = first ? write | FirstStageEntry.D.mask() : both;
    leaf[DmaRequest.READ] =
        first ? read | FirstStageEntry.US.mask() | FirstStageEntry.A.mask() : read;
    leaf[DmaRequest.WRITE] = first ? 0 : write;
    leaf[RIGHTS] = leaf[DmaRequest.READ] | write | (first ? FirstStageEntry.D.mask() : 0);
  }

  /** Four-level first-stage tables, lower half. */
  static TableFormat firstStage(Claims claims) {
    return new TableFormat(
        1, 4, claims.firstStageBits(), claims.hostBits(), claims.firstStagePages());
  }

  /**
   * Second-stage tables.
   *
   * @param snoop whether leafs overrule a device's wish not to snoop
   */
  static TableFormat secondStage(Claims claims, int levels, boolean snoop) {
    TableFormat format =
        new TableFormat(
            2,
            levels,
            claims.secondStageBits(levels),
            claims.hostBits(),
            claims.secondStagePages());
    if (snoop) {
      for (int rights = 1; rights <= RIGHTS; rights++) {
        format.leaf[rights] |= SecondStageEntry.SNP.mask();
      }
    }
    return format;
  }

  int stage() {
    return stage;
  }

  int levels() {
    return levels;
  }

  int inputBits() {
    return inputBits;
  }

  int outputBits() {
    return outputBits;
  }

  long pageSizes() {
    return pageSizes;
  }

  /** Last IOVA. */
  long last() {
    return (1L << inputBits) - 1;
  }

  /** Rights that leafs can tell apart. */
  int rights() {
    return RIGHTS;
  }

  /** Whether a leaf can have exactly these rights. */
  boolean expresses(int rights) {
    return rights > 0 && rights <= RIGHTS && leaf[rights] != 0;
  }

  boolean isPresent(long entry) {
    return (entry & present) != 0;
  }

  /** Whether a present entry is a leaf. */
  boolean isLeaf(long entry, int level) {
    return level == 1 || (level <= 3 && (entry & pageSize) != 0);
  }

  /** Address of the table or page. */
  long address(long entry) {
    return entry & ADDRESS.mask();
  }

  /** Rights of a leaf. */
  int rightsOf(long entry) {
    if (stage == 1) {
      return FirstStageEntry.RW.isSet(entry) ? RIGHTS : DmaRequest.READ;
    }
    return (SecondStageEntry.R.isSet(entry) ? DmaRequest.READ : 0)
        | (SecondStageEntry.W.isSet(entry) ? DmaRequest.WRITE : 0);
  }

  /** An entry that leads to a table. */
  long tableEntry(long address) {
    return address | table;
  }

  /** A leaf entry. */
  long leafEntry(long address, int level, int rights) {
    return address | leaf[rights] | (level > 1 ? pageSize : 0);
  }

  /** A leaf entry with other rights; what hardware or software noted in it stays. */
  long withRights(long entry, int rights) {
    return entry & ~rightsMask | leaf[rights] & rightsMask;
  }

  /** The first of the 512 leafs that say the same one level below. */
  long splitEntry(long entry, int level) {
    return level == 2 ? entry & ~pageSize : entry;
  }

  /** The largest level whose page fits alignment and length; at least 1. */
  int bestLevel(long alignment, long length) {
    for (int level = 3; level > 1; level--) {
      long size = 1L << AddressBits.spanLg2(level);
      if ((pageSizes & size) != 0 && (alignment & size - 1) == 0 && length >= size) {
        return level;
      }
    }
    return 1;
  }
}
