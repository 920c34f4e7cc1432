package org.ioasis.smmuv3.hardware;

import org.ioasis.smmuv3.format.Cd;
import org.ioasis.smmuv3.format.Lpae;
import org.ioasis.smmuv3.format.Ste;

/**
 * One set of translation tables, decoded: one half of stage 1, or stage 2. Made once when a
 * structure is read, so that a walk finds constants.
 *
 * <p><b>Threading:</b> immutable.
 */
final class Regime {
  /** log2 of the granule. */
  final int granuleLg2;

  /** Level of the first table. */
  final int startLevel;

  /** Bits of the input address. */
  final int inputBits;

  /** Bits of the output address. */
  final int outputBits;

  /** Where descriptors hold their address, see {@link Lpae#addressForm}. */
  final int form;

  /** Address of the first table, or of the first of the concatenated ones. */
  final long table;

  /** Whether blocks are allowed, bit n for level n; level -1 never has any. */
  final int blockLevels;

  /** Walks are disabled. */
  final boolean disabled;

  final boolean bigEndian;

  /** AFFD: an access flag of 0 is no fault. */
  final boolean ignoresAccessFlag;

  /** HA, HD: what hardware updates. */
  final boolean updatesAccess;

  final boolean updatesDirty;

  private Regime(Builder builder, Capabilities can) {
    granuleLg2 = builder.granuleLg2;
    startLevel = builder.startLevel;
    inputBits = builder.inputBits;
    outputBits = can.outputBits(builder.sizeCode, granuleLg2, builder.ds);
    form = Lpae.addressForm(granuleLg2, builder.ds, can.output52());
    table = builder.ttb & -(1L << startTableLg2(builder, outputBits));
    int blocks = 0;
    for (int level = 0; level < Lpae.LAST_LEVEL; level++) {
      boolean allowed = Lpae.isBlockLevel(granuleLg2, level, builder.ds, can.output52());
      blocks |= allowed ? 1 << level : 0;
    }
    blockLevels = blocks;
    disabled = builder.disabled;
    bigEndian = builder.bigEndian;
    ignoresAccessFlag = builder.affd;
    updatesAccess = builder.ha;
    updatesDirty = builder.ha && builder.hd;
  }

  /** Alignment of the first table: its size, and 64 bytes where 52 bits are put out. */
  private static int startTableLg2(Builder builder, int outputBits) {
    int size = Lpae.startTableLg2(builder.granuleLg2, builder.startLevel, builder.inputBits);
    return Math.max(size, outputBits > 48 ? 6 : 4);
  }

  /** Collects. */
  private static final class Builder {
    int granuleLg2;
    int startLevel;
    int inputBits;
    long sizeCode;
    long ttb;
    boolean ds;
    boolean disabled;
    boolean bigEndian;
    boolean affd;
    boolean ha;
    boolean hd;
  }

  /** Whether a stage has DS in effect: with 64K it means nothing. */
  static boolean ds(boolean field, int granuleLg2, Capabilities can) {
    return field && can.ds() && granuleLg2 != Lpae.GRANULE_64K;
  }

  /** Stage 2 of a legal STE. */
  static Regime stage2(long[] ste, Capabilities can) {
    Builder builder = new Builder();
    builder.granuleLg2 = Lpae.granuleOfTg0(Ste.S2TG.get(ste));
    builder.ds = ds(Ste.S2DS.isSet(ste), builder.granuleLg2, can);
    builder.startLevel = stage2StartLevel(ste, can);
    builder.inputBits = 64 - (int) Ste.S2T0SZ.get(ste);
    builder.sizeCode = Ste.S2PS.get(ste);
    builder.ttb = Ste.S2TTB.inPlace(ste);
    builder.bigEndian = Ste.S2ENDI.isSet(ste);
    builder.affd = Ste.S2AFFD.isSet(ste);
    builder.ha = Ste.S2HA.isSet(ste) && can.updatesAccess();
    builder.hd = Ste.S2HD.isSet(ste) && can.updatesDirty();
    return new Regime(builder, can);
  }

  /** The start level that an STE states; {@link Lpae#NONE} if it states none. */
  static int stage2StartLevel(long[] ste, Capabilities can) {
    int granule = Lpae.granuleOfTg0(Ste.S2TG.get(ste));
    return Lpae.stage2StartLevel(
        granule,
        (int) Ste.S2SL0.get(ste),
        Ste.S2SL0_2.isSet(ste),
        ds(Ste.S2DS.isSet(ste), granule, can),
        can.smallTables());
  }

  /**
   * One half of stage 1 of a legal CD.
   *
   * @param upper the half of TTB1
   * @param oneRange whether the StreamWorld has one range only, where EPD0 means nothing
   */
  static Regime stage1(long[] cd, boolean upper, boolean oneRange, Capabilities can) {
    Builder builder = new Builder();
    builder.granuleLg2 =
        upper ? Lpae.granuleOfTg1(Cd.TG1.get(cd)) : Lpae.granuleOfTg0(Cd.TG0.get(cd));
    builder.disabled = upper ? Cd.EPD1.isSet(cd) : Cd.EPD0.isSet(cd) && !oneRange;
    builder.inputBits = 64 - (int) (upper ? Cd.T1SZ : Cd.T0SZ).get(cd);
    builder.sizeCode = Cd.IPS.get(cd);
    builder.ttb = (upper ? Cd.TTB1 : Cd.TTB0).inPlace(cd);
    builder.bigEndian = Cd.ENDI.isSet(cd);
    builder.affd = Cd.AFFD.isSet(cd);
    builder.ha = Cd.HA.isSet(cd) && can.updatesAccess();
    builder.hd = Cd.HD.isSet(cd) && can.updatesDirty();
    if (builder.disabled) {
      // Its fields may be anything; only the range check still looks at the size.
      builder.granuleLg2 = Lpae.GRANULE_4K;
      builder.startLevel = Lpae.LAST_LEVEL;
      return new Regime(builder, can);
    }
    builder.ds = ds(Cd.DS.isSet(cd), builder.granuleLg2, can);
    builder.startLevel = Lpae.startLevel(builder.granuleLg2, builder.inputBits);
    return new Regime(builder, can);
  }

  /** log2 of what a descriptor of a level covers. */
  int shift(int level) {
    return Lpae.shift(granuleLg2, level);
  }

  boolean isBlockLevel(int level) {
    return level >= 0 && (blockLevels >>> level & 1) != 0;
  }
}
