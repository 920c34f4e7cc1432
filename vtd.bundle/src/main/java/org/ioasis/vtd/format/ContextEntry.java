package org.ioasis.vtd.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * Context-entry of legacy mode, 128 bits. VT-d, "Context Entry".
 *
 * <pre>
 *  127     88 87    72 71 70   67 66 64 63              12 11    4 3  2   1    0
 * +----------+--------+--+-------+-----+------------------+-------+----+-----+---+
 * | reserved |  DID   |  | AVAIL | AW  |     SSPTPTR      |  rsvd | TT | FPD | P |
 * +----------+--------+--+-------+-----+------------------+-------+----+-----+---+
 * </pre>
 */
public final class ContextEntry {
  // spotless:off
  /** Present. */
  public static final Field P       = bit ("P",        0);
  /** Fault processing disable; read even if P is 0. */
  public static final Field FPD     = bit ("FPD",      1);
  /** Translation type, one of the TT constants. */
  public static final Field TT      = bits("TT",       3,  2);
  /** Second-stage table, a page address; ignored for pass-through. */
  public static final Field SSPTPTR = bits("SSPTPTR", 63, 12);
  /** Address width: 30 + 9 * AW bits, AW + 2 levels. */
  public static final Field AW      = bits("AW",      66, 64);
  /** Software's. */
  public static final Field AVAIL   = bits("AVAIL",   70, 67);
  /** Domain-id. */
  public static final Field DID     = bits("DID",     87, 72);
  // spotless:on

  /** Untranslated requests only. */
  public static final int TT_UNTRANSLATED = 0;

  /** Untranslated, translated and translation requests; needs ECAP.DT. */
  public static final int TT_ALL = 1;

  /** Untranslated requests pass; needs ECAP.PT. */
  public static final int TT_PASS_THROUGH = 2;

  /** The structure. */
  public static final Layout LAYOUT =
      Layout.of("context-entry", 128, P, FPD, TT, SSPTPTR, AW, AVAIL, DID).inPlace(SSPTPTR);

  /** Bytes per entry. */
  public static final int BYTES = 16;

  /** Entries per table, one for each device and function of the bus. */
  public static final int ENTRIES = 256;

  /** Reserved bits of the low quadword, address bits above the host width not included. */
  public static final long RESERVED_LO = LAYOUT.reserved(0);

  /** Reserved bits of the high quadword, domain-id bits above the unit's width not included. */
  public static final long RESERVED_HI = LAYOUT.reserved(1);

  private ContextEntry() {}

  /**
   * Byte address of the entry for a source id.
   *
   * @param table address of the context table
   * @param sourceId bus 15:8, device 7:3, function 2:0
   */
  public static long address(long table, int sourceId) {
    return table + (sourceId & 0xFF) * (long) BYTES;
  }
}
