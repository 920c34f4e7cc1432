package org.ioasis.vtd.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * Scalable-mode context-entry, 256 bits; 128 per table. VT-d, "Scalable-Mode Context Entry".
 *
 * <pre>
 *  255  85 84         83        64 63           12 11   9 8   5  4     3      2    1    0
 * +-------+----------+------------+---------------+------+-----+-----+--------+-----+-----+---+
 * | rsvd  | RID_PRIV | RID_PASID  |  PASIDDIRPTR  | PDTS |rsvd | PRE | PASIDE | DTE | FPD | P |
 * +-------+----------+------------+---------------+------+-----+-----+--------+-----+-----+---+
 * </pre>
 */
public final class ScalableContextEntry {
  // spotless:off
  /** Present. */
  public static final Field P           = bit ("P",            0);
  /** Fault processing disable; read even if P is 0. */
  public static final Field FPD         = bit ("FPD",          1);
  /** Device-TLB enable: translation and translated requests are allowed. */
  public static final Field DTE         = bit ("DTE",          2);
  /** Requests with PASID are allowed. */
  public static final Field PASIDE      = bit ("PASIDE",       3);
  /** Page requests are allowed. */
  public static final Field PRE         = bit ("PRE",          4);
  /** The PASID directory has 2^(PDTS+7) entries. */
  public static final Field PDTS        = bits("PDTS",        11,  9);
  /** PASID directory, a page address; contiguous, up to 128 KiB. */
  public static final Field PASIDDIRPTR = bits("PASIDDIRPTR", 63, 12);
  /** PASID of requests without PASID, if ECAP.RPS. */
  public static final Field RID_PASID   = bits("RID_PASID",   83, 64);
  /** Privilege of requests without PASID, if ECAP.RPRIVS. */
  public static final Field RID_PRIV    = bit ("RID_PRIV",    84);
  // spotless:on

  /** The structure. */
  public static final Layout LAYOUT =
      Layout.of(
              "scalable-context-entry",
              256,
              P,
              FPD,
              DTE,
              PASIDE,
              PRE,
              PDTS,
              PASIDDIRPTR,
              RID_PASID,
              RID_PRIV)
          .inPlace(PASIDDIRPTR);

  /** Bytes per entry. */
  public static final int BYTES = 32;

  /** Entries per table: half of a bus. */
  public static final int ENTRIES = 128;

  /** Reserved bits of quadword 0, address bits above the host width not included. */
  public static final long RESERVED_0 = LAYOUT.reserved(0);

  /** Reserved bits of quadword 1. */
  public static final long RESERVED_1 = LAYOUT.reserved(1);

  private ScalableContextEntry() {}

  /**
   * Byte address of the entry for a source id.
   *
   * @param table address of the lower or upper context table, as the source id asks
   * @param sourceId bus 15:8, device 7:3, function 2:0
   */
  public static long address(long table, int sourceId) {
    return table + (sourceId & 0x7F) * (long) BYTES;
  }

  /** First PASID that the directory does not cover: 2^(PDTS+13). */
  public static int pasidEnd(long quadword0) {
    return 1 << ((int) PDTS.get(quadword0) + 13);
  }

  /** Number of directory entries: 2^(PDTS+7). */
  public static int directoryEntries(long quadword0) {
    return 1 << ((int) PDTS.get(quadword0) + 7);
  }
}
