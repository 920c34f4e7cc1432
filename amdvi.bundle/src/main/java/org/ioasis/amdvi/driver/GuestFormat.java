package org.ioasis.amdvi.driver;

import org.ioasis.amdvi.format.GuestPte;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.kit.driver.TableFormat;

/**
 * v2 (guest) tables as this driver writes them: four levels, the lower canonical half, A set
 * everywhere and D where writable, so that the unit never has to. "Guest Page Tables".
 *
 * <p><b>Threading:</b> immutable.
 */
final class GuestFormat implements TableFormat {
  private static final int TOP_LEVEL = 3;
  private static final int LARGE_LEVELS = 2;
  private static final long LINK =
      GuestPte.P.mask() | GuestPte.RW.mask() | GuestPte.US.mask() | GuestPte.A.mask();
  private static final long WRITABLE = GuestPte.RW.mask() | GuestPte.D.mask();

  private final int inputBits;
  private final int outputBits;
  private final boolean noExecute;
  private final int rights;

  GuestFormat(Claims claims) {
    this.inputBits = claims.guestBits();
    this.outputBits = Math.min(claims.hostBits(), 52);
    this.noExecute = claims.noExecute();
    this.rights =
        DmaRequest.READ | DmaRequest.WRITE | (claims.noExecute() ? DmaRequest.EXECUTE : 0);
  }

  @Override
  public int topLevel() {
    return TOP_LEVEL;
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
    return Claims.guestPages();
  }

  @Override
  public int rights() {
    return rights;
  }

  @Override
  public boolean expresses(int wanted) {
    return (wanted & DmaRequest.READ) != 0 && (wanted & ~rights) == 0;
  }

  @Override
  public int indexBits(int level) {
    return 9;
  }

  @Override
  public int spanLg2(int level) {
    return GuestPte.sizeLg2(level + 1);
  }

  @Override
  public long presentMask() {
    return GuestPte.P.mask();
  }

  @Override
  public boolean isLeaf(long entry, int level) {
    return level == 0 || (level <= LARGE_LEVELS && GuestPte.PS.isSet(entry));
  }

  @Override
  public long address(long entry, int level) {
    return GuestPte.ADDRESS.inPlace(entry);
  }

  @Override
  public int rightsOf(long entry, int level) {
    return DmaRequest.READ
        | (GuestPte.RW.isSet(entry) ? DmaRequest.WRITE : 0)
        | (noExecute && !GuestPte.NX.isSet(entry) ? DmaRequest.EXECUTE : 0);
  }

  private long rightsBits(int wanted) {
    return ((wanted & DmaRequest.WRITE) != 0 ? WRITABLE : 0)
        | (noExecute && (wanted & DmaRequest.EXECUTE) == 0 ? GuestPte.NX.mask() : 0);
  }

  @Override
  public long tableEntry(long table, int level) {
    return LINK | GuestPte.ADDRESS.ofInPlace(table);
  }

  @Override
  public long leafEntry(long output, int level, int runLg2, int wanted) {
    return GuestPte.P.mask()
        | GuestPte.US.mask()
        | GuestPte.A.mask()
        | (level > 0 ? GuestPte.PS.mask() : 0)
        | rightsBits(wanted)
        | output;
  }

  @Override
  public long withRights(long entry, int level, int wanted) {
    return (entry & ~(WRITABLE | GuestPte.NX.mask())) | rightsBits(wanted);
  }

  @Override
  public long firstPiece(long entry, int level, int runLg2, int pieceLevel) {
    return pieceLevel == 0 ? entry & ~GuestPte.PS.mask() : entry;
  }
}
