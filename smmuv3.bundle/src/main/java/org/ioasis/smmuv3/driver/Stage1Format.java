package org.ioasis.smmuv3.driver;

import org.ioasis.api.machine.DmaRequest;
import org.ioasis.kit.driver.TableFormat;
import org.ioasis.smmuv3.format.Lpae;
import org.ioasis.smmuv3.format.Stage1Descriptor;

/**
 * Stage-1 tables behind TTB0 as this driver writes them: write-back, inner shareable, not global,
 * access flag set. Leaves are for unprivileged accesses too unless the rights say otherwise.
 * "VMSAv8-64 translation table format descriptors".
 *
 * <p>With dirty tracking a writable leaf has DBM; it is read-only, and so not written, until the
 * unit clears AP[2].
 *
 * <p><b>Threading:</b> immutable.
 */
final class Stage1Format implements TableFormat {
  private static final int RIGHTS =
      DmaRequest.READ | DmaRequest.WRITE | DmaRequest.EXECUTE | DmaRequest.PRIVILEGED_ONLY;

  /** Index into MAIR of the write-back attributes, as {@link ContextPlan} writes it. */
  static final int ATTRIBUTES = 1;

  private static final int INNER_SHAREABLE = 3;
  private static final long LEAF =
      Stage1Descriptor.VALID.mask()
          | Stage1Descriptor.ATTRINDX.of(ATTRIBUTES)
          | Stage1Descriptor.SH.of(INNER_SHAREABLE)
          | Stage1Descriptor.AF.mask()
          | Stage1Descriptor.NG.mask();
  private static final long TABLE = Stage1Descriptor.VALID.mask() | Stage1Descriptor.TABLE.mask();
  private static final long RIGHTS_BITS =
      Stage1Descriptor.AP_1.mask()
          | Stage1Descriptor.AP_2.mask()
          | Stage1Descriptor.DBM.mask()
          | Stage1Descriptor.PXN.mask()
          | Stage1Descriptor.UXN.mask();

  private final int granuleLg2;
  private final int inputBits;
  private final int outputBits;
  private final int startLevel;
  private final boolean tracksDirty;
  private final boolean splitsLive;

  Stage1Format(Claims claims, int inputBits, boolean tracksDirty) {
    this.granuleLg2 = claims.granuleLg2();
    this.inputBits = inputBits;
    this.outputBits = claims.outputBits();
    this.startLevel = Lpae.startLevel(granuleLg2, inputBits);
    this.tracksDirty = tracksDirty;
    this.splitsLive = claims.splitsLive();
  }

  int granuleLg2() {
    return granuleLg2;
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
    return (rights & DmaRequest.READ) != 0 && (rights & ~RIGHTS) == 0;
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
    return Stage1Descriptor.VALID.mask();
  }

  @Override
  public boolean isLeaf(long entry, int level) {
    return level == 0 || !Stage1Descriptor.TABLE.isSet(entry);
  }

  @Override
  public long address(long entry, int level) {
    return Stage1Descriptor.OA.inPlace(entry);
  }

  @Override
  public int rightsOf(long entry, int level) {
    boolean writable = Stage1Descriptor.DBM.isSet(entry) || !Stage1Descriptor.AP_2.isSet(entry);
    return DmaRequest.READ
        | (writable ? DmaRequest.WRITE : 0)
        | (Stage1Descriptor.UXN.isSet(entry) ? 0 : DmaRequest.EXECUTE)
        | (Stage1Descriptor.AP_1.isSet(entry) ? 0 : DmaRequest.PRIVILEGED_ONLY);
  }

  /** Rights as bits; a writable leaf of a tracked domain begins unwritten. */
  private long rightsBits(int rights) {
    boolean writable = (rights & DmaRequest.WRITE) != 0;
    long bits = (rights & DmaRequest.PRIVILEGED_ONLY) != 0 ? 0 : Stage1Descriptor.AP_1.mask();
    bits |= writable && !tracksDirty ? 0 : Stage1Descriptor.AP_2.mask();
    bits |= writable && tracksDirty ? Stage1Descriptor.DBM.mask() : 0;
    boolean executes = (rights & DmaRequest.EXECUTE) != 0;
    return executes ? bits : bits | Stage1Descriptor.UXN.mask() | Stage1Descriptor.PXN.mask();
  }

  @Override
  public long tableEntry(long table, int level) {
    return TABLE | Stage1Descriptor.OA.ofInPlace(table);
  }

  @Override
  public long leafEntry(long output, int level, int runLg2, int rights) {
    return LEAF
        | (level == 0 ? Stage1Descriptor.TABLE.mask() : 0)
        | rightsBits(rights)
        | Stage1Descriptor.OA.ofInPlace(output);
  }

  @Override
  public long withRights(long entry, int level, int rights) {
    long changed = (entry & ~RIGHTS_BITS) | rightsBits(rights);
    boolean stays = isWritten(entry, level) && (rights & DmaRequest.WRITE) != 0;
    return stays ? withWritten(changed, level, true) : changed;
  }

  @Override
  public long firstPiece(long entry, int level, int runLg2, int pieceLevel) {
    return pieceLevel == 0 ? entry | Stage1Descriptor.TABLE.mask() : entry;
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
    return Stage1Descriptor.DBM.isSet(entry) && !Stage1Descriptor.AP_2.isSet(entry);
  }

  @Override
  public long withWritten(long entry, int level, boolean written) {
    if (!Stage1Descriptor.DBM.isSet(entry)) {
      return entry;
    }
    return written ? entry & ~Stage1Descriptor.AP_2.mask() : entry | Stage1Descriptor.AP_2.mask();
  }
}
