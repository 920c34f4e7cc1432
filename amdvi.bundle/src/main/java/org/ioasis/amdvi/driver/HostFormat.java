package org.ioasis.amdvi.driver;

import static org.ioasis.amdvi.format.HostPte.NEXT_LEVEL_EXPLICIT_SIZE;

import org.ioasis.amdvi.format.HostPde;
import org.ioasis.amdvi.format.HostPte;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.kit.driver.TableFormat;

/**
 * v1 (host) tables as this driver writes them: every power of two from 4 KiB on is a page; one
 * above a level&#39;s default size is a run of equal entries with next level 7. "I/O Page Table
 * Entry Formats".
 *
 * <p>Entries of a run are exchanged one after another: until the last one is, a request meets the
 * old page or the new one.
 *
 * <p><b>Threading:</b> immutable.
 */
final class HostFormat implements TableFormat {
  private static final int RIGHTS = DmaRequest.READ | DmaRequest.WRITE;

  private final int levels;
  private final int outputBits;
  private final boolean tracksDirty;
  private final long coherent;

  /**
   * A format.
   *
   * @param levels 2 to 5
   * @param outputBits widest physical address
   * @param tracksDirty whether D in leaves is the unit&#39;s
   * @param forceCoherent whether leaves overrule a device&#39;s wish not to snoop
   */
  HostFormat(int levels, int outputBits, boolean tracksDirty, boolean forceCoherent) {
    this.levels = levels;
    this.outputBits = Math.min(outputBits, 52);
    this.tracksDirty = tracksDirty;
    this.coherent = forceCoherent ? HostPte.FC.mask() : 0;
  }

  /** DTE.Mode of a table. */
  int mode() {
    return levels;
  }

  @Override
  public int topLevel() {
    return levels - 1;
  }

  @Override
  public int inputBits() {
    return HostPte.inputWidth(levels);
  }

  @Override
  public int outputBits() {
    return outputBits;
  }

  @Override
  public long pageSizes() {
    return Claims.hostPages(levels);
  }

  @Override
  public int rights() {
    return RIGHTS;
  }

  @Override
  public boolean expresses(int rights) {
    return rights > 0 && rights <= RIGHTS;
  }

  @Override
  public int indexBits(int level) {
    return 9;
  }

  @Override
  public int spanLg2(int level) {
    return HostPte.defaultSizeLg2(level + 1);
  }

  @Override
  public long presentMask() {
    return HostPte.PR.mask();
  }

  @Override
  public boolean isLeaf(long entry, int level) {
    long next = HostPte.NEXT_LEVEL.get(entry);
    return level == 0
        || next == HostPte.NEXT_LEVEL_DEFAULT_SIZE
        || next == NEXT_LEVEL_EXPLICIT_SIZE;
  }

  private static boolean isRun(long entry) {
    return HostPte.NEXT_LEVEL.get(entry) == NEXT_LEVEL_EXPLICIT_SIZE;
  }

  @Override
  public int runLg2(long entry, int level) {
    return isRun(entry) ? HostPte.explicitSizeLg2(entry) - spanLg2(level) : 0;
  }

  @Override
  public long address(long entry, int level) {
    return isRun(entry) ? HostPte.explicitBase(entry) : HostPte.ADDRESS.inPlace(entry);
  }

  @Override
  public int rightsOf(long entry, int level) {
    return (HostPte.IR.isSet(entry) ? DmaRequest.READ : 0)
        | (HostPte.IW.isSet(entry) ? DmaRequest.WRITE : 0);
  }

  private static long rightsBits(int rights) {
    return ((rights & DmaRequest.READ) != 0 ? HostPte.IR.mask() : 0)
        | ((rights & DmaRequest.WRITE) != 0 ? HostPte.IW.mask() : 0);
  }

  @Override
  public long tableEntry(long table, int level) {
    return HostPde.PR.mask()
        | HostPde.NEXT_LEVEL.of(level)
        | HostPde.ADDRESS.ofInPlace(table)
        | HostPde.IR.mask()
        | HostPde.IW.mask();
  }

  @Override
  public long leafEntry(long output, int level, int runLg2, int rights) {
    long base = HostPte.PR.mask() | coherent | rightsBits(rights);
    return runLg2 == 0
        ? base | output
        : base
            | HostPte.NEXT_LEVEL.of(NEXT_LEVEL_EXPLICIT_SIZE)
            | HostPte.explicitAddress(output, spanLg2(level) + runLg2);
  }

  /** Entries of a run are all the same. */
  @Override
  public long runStep(int level, int runLg2) {
    return runLg2 == 0 ? 1L << spanLg2(level) : 0;
  }

  @Override
  public long withRights(long entry, int level, int rights) {
    return (entry & ~(HostPte.IR.mask() | HostPte.IW.mask())) | rightsBits(rights);
  }

  @Override
  public long firstPiece(long entry, int level, int runLg2, int pieceLevel) {
    long rest = entry & ~(HostPte.ADDRESS.mask() | HostPte.NEXT_LEVEL.mask());
    return rest | address(entry, level);
  }

  @Override
  public boolean marksWritten() {
    return tracksDirty;
  }

  @Override
  public boolean isWritten(long entry, int level) {
    return HostPte.D.isSet(entry);
  }

  @Override
  public long withWritten(long entry, int level, boolean written) {
    return written ? entry | HostPte.D.mask() : entry & ~HostPte.D.mask();
  }
}
