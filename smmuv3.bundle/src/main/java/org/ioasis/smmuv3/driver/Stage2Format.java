package org.ioasis.smmuv3.driver;

import org.ioasis.api.machine.DmaRequest;
import org.ioasis.kit.driver.TableFormat;
import org.ioasis.smmuv3.format.Lpae;
import org.ioasis.smmuv3.format.Stage2Descriptor;

/**
 * Stage-2 tables as this driver writes them: write-back, inner shareable, access flag set. Where
 * the natural top table would have 16 entries or fewer, that many tables of the level below are
 * concatenated. "VMSAv8-64 translation table format descriptors", "Concatenated translation
 * tables".
 *
 * <p>With dirty tracking a writable leaf has DBM; its write right, and so the mark, is the
 * unit&#39;s to set.
 *
 * <p><b>Threading:</b> immutable.
 */
final class Stage2Format implements TableFormat {
  private static final int RIGHTS = DmaRequest.READ | DmaRequest.WRITE | DmaRequest.EXECUTE;
  private static final int CONCATENATED_LG2 = 4;
  private static final int WRITE_BACK = 0xF, INNER_SHAREABLE = 3;
  private static final long LEAF =
      Stage2Descriptor.VALID.mask()
          | Stage2Descriptor.MEMATTR.of(WRITE_BACK)
          | Stage2Descriptor.SH.of(INNER_SHAREABLE)
          | Stage2Descriptor.AF.mask();
  private static final long TABLE = Stage2Descriptor.VALID.mask() | Stage2Descriptor.TABLE.mask();
  private static final long RIGHTS_BITS =
      Stage2Descriptor.S2AP_READ.mask()
          | Stage2Descriptor.S2AP_WRITE.mask()
          | Stage2Descriptor.DBM.mask()
          | Stage2Descriptor.XN.mask();

  private final int granuleLg2;
  private final int inputBits;
  private final int outputBits;
  private final int startLevel;
  private final boolean tracksDirty;
  private final boolean splitsLive;

  Stage2Format(Claims claims, int inputBits, boolean tracksDirty) {
    this.granuleLg2 = claims.granuleLg2();
    this.inputBits = inputBits;
    this.outputBits = claims.outputBits();
    this.startLevel = startLevel(granuleLg2, inputBits);
    this.tracksDirty = tracksDirty;
    this.splitsLive = claims.splitsLive();
  }

  private static int startLevel(int granuleLg2, int inputBits) {
    int natural = Lpae.startLevel(granuleLg2, inputBits);
    boolean few = inputBits - Lpae.shift(granuleLg2, natural) <= CONCATENATED_LG2;
    return few && natural < Lpae.LAST_LEVEL ? natural + 1 : natural;
  }

  int granuleLg2() {
    return granuleLg2;
  }

  int startLevel() {
    return startLevel;
  }

  boolean tracksDirty() {
    return tracksDirty;
  }

  @Override
  public int topLevel() {
    return Lpae.LAST_LEVEL - startLevel;
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
    return Claims.pageSizes(granuleLg2);
  }

  @Override
  public int rights() {
    return RIGHTS;
  }

  @Override
  public boolean expresses(int rights) {
    return (rights & (DmaRequest.READ | DmaRequest.WRITE)) != 0 && (rights & ~RIGHTS) == 0;
  }

  @Override
  public int indexBits(int level) {
    return level == topLevel() ? inputBits - spanLg2(level) : Lpae.indexBits(granuleLg2);
  }

  @Override
  public int spanLg2(int level) {
    return Lpae.shift(granuleLg2, Lpae.LAST_LEVEL - level);
  }

  @Override
  public long presentMask() {
    return Stage2Descriptor.VALID.mask();
  }

  @Override
  public boolean isLeaf(long entry, int level) {
    return level == 0 || !Stage2Descriptor.TABLE.isSet(entry);
  }

  @Override
  public long address(long entry, int level) {
    return Stage2Descriptor.OA.inPlace(entry);
  }

  @Override
  public int rightsOf(long entry, int level) {
    boolean writable =
        Stage2Descriptor.DBM.isSet(entry) || Stage2Descriptor.S2AP_WRITE.isSet(entry);
    return (Stage2Descriptor.S2AP_READ.isSet(entry) ? DmaRequest.READ : 0)
        | (writable ? DmaRequest.WRITE : 0)
        | (Stage2Descriptor.XN.get(entry) == Stage2Descriptor.XN_NONE ? DmaRequest.EXECUTE : 0);
  }

  private long rightsBits(int rights) {
    boolean writable = (rights & DmaRequest.WRITE) != 0;
    long bits = (rights & DmaRequest.READ) != 0 ? Stage2Descriptor.S2AP_READ.mask() : 0;
    if (writable) {
      bits |= tracksDirty ? Stage2Descriptor.DBM.mask() : Stage2Descriptor.S2AP_WRITE.mask();
    }
    boolean executes = (rights & DmaRequest.EXECUTE) != 0;
    return executes ? bits : bits | Stage2Descriptor.XN.of(Stage2Descriptor.XN_ALL);
  }

  @Override
  public long tableEntry(long table, int level) {
    return TABLE | Stage2Descriptor.OA.ofInPlace(table);
  }

  @Override
  public long leafEntry(long output, int level, int runLg2, int rights) {
    return LEAF
        | (level == 0 ? Stage2Descriptor.TABLE.mask() : 0)
        | rightsBits(rights)
        | Stage2Descriptor.OA.ofInPlace(output);
  }

  @Override
  public long withRights(long entry, int level, int rights) {
    long changed = (entry & ~RIGHTS_BITS) | rightsBits(rights);
    boolean stays = isWritten(entry, level) && (rights & DmaRequest.WRITE) != 0;
    return stays ? withWritten(changed, level, true) : changed;
  }

  @Override
  public long firstPiece(long entry, int level, int runLg2, int pieceLevel) {
    return pieceLevel == 0 ? entry | Stage2Descriptor.TABLE.mask() : entry;
  }

  @Override
  public boolean breaksFirst(int level, int runLg2) {
    return level > 0 && !splitsLive;
  }

  @Override
  public boolean marksWritten() {
    return tracksDirty;
  }

  @Override
  public boolean isWritten(long entry, int level) {
    return Stage2Descriptor.DBM.isSet(entry) && Stage2Descriptor.S2AP_WRITE.isSet(entry);
  }

  @Override
  public long withWritten(long entry, int level, boolean written) {
    if (!Stage2Descriptor.DBM.isSet(entry)) {
      return entry;
    }
    return written
        ? entry | Stage2Descriptor.S2AP_WRITE.mask()
        : entry & ~Stage2Descriptor.S2AP_WRITE.mask();
  }
}
