package org.ioasis.vtd.driver;

import org.ioasis.api.machine.DmaRequest;
import org.ioasis.kit.driver.TableFormat;
import org.ioasis.kit.layout.Field;
import org.ioasis.vtd.format.AddressBits;
import org.ioasis.vtd.format.FirstStageEntry;
import org.ioasis.vtd.format.SecondStageEntry;

/**
 * How this driver writes paging entries: both formats as one set of masks. The specification&#39;s
 * level 1 is level 0 here. VT-d, "Second-Stage Paging Entries", "First-Stage Paging Entries".
 *
 * <p>First-stage entries are written with A and, unless written pages are to be marked, D where
 * writable: the unit then never has to update them, as walks that are not coherent could not.
 *
 * <p><b>Threading:</b> immutable.
 */
final class VtdTableFormat implements TableFormat {
  private static final int RIGHTS = DmaRequest.READ | DmaRequest.WRITE;
  private static final int HIGHEST_LEAF = 2;
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
  private final boolean marks;
  private final long written;

  private VtdTableFormat(
      int stage, int levels, int inputBits, int outputBits, long pageSizes, boolean marks) {
    this.stage = stage;
    this.marks = marks;
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
    written = first ? FirstStageEntry.D.mask() : SecondStageEntry.D.mask();
    long ahead = first && !marks ? FirstStageEntry.D.mask() : 0;
    rightsMask = first ? write | ahead : both;
    leaf[DmaRequest.READ] =
        first ? read | FirstStageEntry.US.mask() | FirstStageEntry.A.mask() : read;
    leaf[DmaRequest.WRITE] = first ? 0 : write;
    leaf[RIGHTS] = leaf[DmaRequest.READ] | write | ahead;
  }

  /**
   * First-stage tables, lower half.
   *
   * @param levels 4 or 5
   * @param marks whether the unit is to mark written pages
   */
  static VtdTableFormat firstStage(Claims claims, int levels, boolean marks) {
    return new VtdTableFormat(
        1,
        levels,
        claims.firstStageBits(levels),
        claims.hostBits(),
        claims.firstStagePages(),
        marks);
  }

  /**
   * Second-stage tables.
   *
   * @param snoop whether leafs overrule a device's wish not to snoop
   * @param marks whether the unit is to mark written pages
   */
  static VtdTableFormat secondStage(Claims claims, int levels, boolean snoop, boolean marks) {
    VtdTableFormat format =
        new VtdTableFormat(
            2,
            levels,
            claims.secondStageBits(levels),
            claims.hostBits(),
            claims.secondStagePages(),
            marks);
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

  @Override
  public int topLevel() {
    return levels - 1;
  }

  @Override
  public int inputBits() {
    return inputBits;
  }

  @Override
  public int outputBits() {
    return outputBits;
  }

  @Override
  public long pageSizes() {
    return pageSizes;
  }

  @Override
  public int rights() {
    return RIGHTS;
  }

  @Override
  public boolean expresses(int rights) {
    return rights > 0 && rights <= RIGHTS && leaf[rights] != 0;
  }

  @Override
  public int indexBits(int level) {
    return AddressBits.INDEX_BITS;
  }

  @Override
  public int spanLg2(int level) {
    return AddressBits.spanLg2(level + 1);
  }

  @Override
  public long presentMask() {
    return present;
  }

  @Override
  public boolean isLeaf(long entry, int level) {
    return level == 0 || (level <= HIGHEST_LEAF && (entry & pageSize) != 0);
  }

  @Override
  public long address(long entry, int level) {
    return entry & ADDRESS.mask();
  }

  @Override
  public int rightsOf(long entry, int level) {
    if (stage == 1) {
      return FirstStageEntry.RW.isSet(entry) ? RIGHTS : DmaRequest.READ;
    }
    return (SecondStageEntry.R.isSet(entry) ? DmaRequest.READ : 0)
        | (SecondStageEntry.W.isSet(entry) ? DmaRequest.WRITE : 0);
  }

  @Override
  public long tableEntry(long address, int level) {
    return address | table;
  }

  @Override
  public long leafEntry(long address, int level, int runLg2, int rights) {
    return address | leaf[rights] | (level > 0 ? pageSize : 0);
  }

  @Override
  public long withRights(long entry, int level, int rights) {
    return (entry & ~rightsMask) | (leaf[rights] & rightsMask);
  }

  @Override
  public long firstPiece(long entry, int level, int runLg2, int pieceLevel) {
    return pieceLevel == 0 ? entry & ~pageSize : entry;
  }

  @Override
  public boolean marksWritten() {
    return marks;
  }

  @Override
  public boolean isWritten(long entry, int level) {
    return marks && (entry & written) != 0;
  }

  @Override
  public long withWritten(long entry, int level, boolean mark) {
    if (!marks) {
      return entry;
    }
    return mark ? entry | written : entry & ~written;
  }
}
