package org.ioasis.smmuv3.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * Stage-1 translation table descriptor, 64 bits. "VMSAv8-64 translation table format descriptors".
 *
 * <p>Bits 1:0: 01 is a block above the last level and reserved in it; 11 is a table above the last
 * level and a page in it; everything else is invalid, with all other bits software's. The address
 * is {@link Lpae#address}.
 *
 * <p><b>Threading:</b> constants and pure functions.
 */
public final class Stage1Descriptor {
  // spotless:off
  public static final Field VALID      = bit ("Valid",       0);
  public static final Field TABLE      = bit ("Table",       1);         // or page, in the last level
  public static final Field ATTRINDX   = bits("AttrIndx",    4,  2);
  public static final Field NS         = bit ("NS",          5);
  public static final Field AP_1       = bit ("AP[1]",       6);         // unprivileged access
  public static final Field AP_2       = bit ("AP[2]",       7);         // read-only
  public static final Field SH         = bits("SH",          9,  8);     // with DS: address 51:50
  public static final Field AF         = bit ("AF",         10);
  public static final Field NG         = bit ("nG",         11);
  public static final Field OA         = bits("OA",         49, 12);
  public static final Field GP         = bit ("GP",         50);
  public static final Field DBM        = bit ("DBM",        51);         // dirty bit modifier
  public static final Field CONTIGUOUS = bit ("Contiguous", 52);
  public static final Field PXN        = bit ("PXN",        53);
  public static final Field UXN        = bit ("UXN",        54);         // XN where one privilege exists
  public static final Field SOFTWARE   = bits("software",   58, 55);
  public static final Field PBHA       = bits("PBHA",       62, 59);

  public static final Field IGNORED    = bits("IGN",        11,  2);     // of a table descriptor
  public static final Field IGNORED_2  = bits("IGN_2",      58, 50);
  public static final Field PXNTABLE   = bit ("PXNTable",   59);
  public static final Field UXNTABLE   = bit ("UXNTable",   60);
  public static final Field APTABLE    = bits("APTable",    62, 61);
  public static final Field NSTABLE    = bit ("NSTable",    63);

  /** A block or page. */
  public static final Layout LEAF_LAYOUT =
      Layout.of(
          "block or page descriptor", 64, VALID, TABLE, ATTRINDX, NS, AP_1, AP_2, SH, AF, NG, OA, GP,
          DBM, CONTIGUOUS, PXN, UXN, SOFTWARE, PBHA, bit("software[63]", 63))
          .inPlace(OA);

  /** A table. */
  public static final Layout TABLE_LAYOUT =
      Layout.of(
          "table descriptor", 64, VALID, TABLE, IGNORED, OA, IGNORED_2, PXNTABLE, UXNTABLE, APTABLE,
          NSTABLE)
          .inPlace(OA);
  // spotless:on

  /** APTable: no unprivileged access below; read-only below. */
  public static final int APTABLE_NO_UNPRIVILEGED = 1, APTABLE_READ_ONLY = 2;

  private Stage1Descriptor() {}

  /** Whether it leads to a table, if it stands above the last level. */
  public static boolean isTable(long descriptor) {
    return VALID.isSet(descriptor) && TABLE.isSet(descriptor);
  }

  /** Whether it is a block if above the last level. */
  public static boolean isBlock(long descriptor) {
    return VALID.isSet(descriptor) && !TABLE.isSet(descriptor);
  }
}
