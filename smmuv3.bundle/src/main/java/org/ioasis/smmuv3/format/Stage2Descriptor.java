package org.ioasis.smmuv3.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * Stage-2 translation table descriptor, 64 bits. "VMSAv8-64 translation table format descriptors".
 * Types are those of {@link Stage1Descriptor}; table descriptors carry an address and nothing else.
 *
 * <p><b>Threading:</b> constants and pure functions.
 */
public final class Stage2Descriptor {
  // spotless:off
  public static final Field VALID      = bit ("Valid",       0);
  public static final Field TABLE      = bit ("Table",       1);         // or page, in the last level
  public static final Field MEMATTR    = bits("MemAttr",     5,  2);
  public static final Field S2AP_READ  = bit ("S2AP[0]",     6);
  public static final Field S2AP_WRITE = bit ("S2AP[1]",     7);
  public static final Field SH         = bits("SH",          9,  8);     // with DS: address 51:50
  public static final Field AF         = bit ("AF",         10);
  public static final Field RESERVED   = bit ("bit 11",     11);
  public static final Field OA         = bits("OA",         49, 12);
  public static final Field BIT_50     = bit ("bit 50",     50);
  public static final Field DBM        = bit ("DBM",        51);         // dirty bit modifier
  public static final Field CONTIGUOUS = bit ("Contiguous", 52);
  public static final Field XN         = bits("XN",         54, 53);
  public static final Field SOFTWARE   = bits("software",   63, 55);

  /** A block or page. */
  public static final Layout LEAF_LAYOUT =
      Layout.of(
          "stage-2 block or page descriptor", 64, VALID, TABLE, MEMATTR, S2AP_READ, S2AP_WRITE, SH,
          AF, RESERVED, OA, BIT_50, DBM, CONTIGUOUS, XN, SOFTWARE)
          .inPlace(OA);

  /** A table. */
  public static final Layout TABLE_LAYOUT =
      Layout.of(
          "stage-2 table descriptor", 64, VALID, TABLE, bits("IGN", 11, 2), OA,
          bits("IGN_2", 63, 50))
          .inPlace(OA);
  // spotless:on

  /**
   * XN where IDR3.XNX: all may execute, unprivileged only, none, privileged only. Without it, bit
   * 54 alone forbids execution.
   */
  public static final int XN_NONE = 0, XN_PRIVILEGED = 1, XN_ALL = 2, XN_UNPRIVILEGED = 3;

  private Stage2Descriptor() {}

  /** Whether the memory is of a Device type, with and without S2FWB. */
  public static boolean isDevice(long descriptor) {
    return MEMATTR.get(descriptor) >>> 2 == 0;
  }
}
