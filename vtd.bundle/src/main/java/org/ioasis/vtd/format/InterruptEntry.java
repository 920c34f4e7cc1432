package org.ioasis.vtd.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * Interrupt remapping table entry, 128 bits, in remapped format (IM=0), with what it has in common
 * with the posted format. VT-d, "Interrupt Remapping Table Entry (IRTE) for Remapped Interrupts".
 *
 * <pre>
 *  63    32 31   24 23  16 15 14   12 11   8 7   5 4  3  2   1  0
 * +--------+-------+------+--+-------+------+-----+--+--+--+---+-+
 * |  DST   | rsvd  |  V   |IM| rsvd  |AVAIL | DLM |TM|RH|DM|FPD|P|
 * +--------+-------+------+--+-------+------+-----+--+--+--+---+-+
 *  127                   84 83   82 81   80 79                 64
 * +------------------------+-------+-------+---------------------+
 * |        reserved        |  SVT  |  SQ   |         SID         |
 * +------------------------+-------+-------+---------------------+
 * </pre>
 */
public final class InterruptEntry {
  // spotless:off
  /** Present. */
  public static final Field P     = bit ("P",      0);
  /** Fault processing disable; read even if P is 0. */
  public static final Field FPD   = bit ("FPD",    1);
  /** Destination mode: 0 physical, 1 logical. */
  public static final Field DM    = bit ("DM",     2);
  /** Redirection hint. */
  public static final Field RH    = bit ("RH",     3);
  /** Trigger mode: 0 edge, 1 level. */
  public static final Field TM    = bit ("TM",     4);
  /** Delivery mode: 0 fixed, 1 lowest priority, 2 SMI, 4 NMI, 5 INIT, 7 ExtINT. */
  public static final Field DLM   = bits("DLM",    7,  5);
  /** Software's. */
  public static final Field AVAIL = bits("AVAIL", 11,  8);
  /** 0 remapped, 1 posted. */
  public static final Field IM    = bit ("IM",    15);
  /** Vector. */
  public static final Field V     = bits("V",     23, 16);
  /** Destination: 32 bits with EIME=1, else bits 47:40 alone. */
  public static final Field DST   = bits("DST",   63, 32);
  /** Source-id to compare with, or first and last bus. */
  public static final Field SID   = bits("SID",   79, 64);
  /** Which function bits of the source-id count. */
  public static final Field SQ    = bits("SQ",    81, 80);
  /** Source validation type, one of the SVT constants. */
  public static final Field SVT   = bits("SVT",   83, 82);
  // spotless:on

  /** Source validation: none, by SID and SQ, by range of buses. */
  public static final int SVT_NONE = 0, SVT_SOURCE = 1, SVT_BUS = 2;

  /** The structure. */
  public static final Layout LAYOUT =
      Layout.of("IRTE", 128, P, FPD, DM, RH, TM, DLM, AVAIL, IM, V, DST, SID, SQ, SVT);

  /** Bytes per entry. */
  public static final int BYTES = 16;

  /** DST bits that are reserved with EIME=0: all but 47:40. */
  private static final long SHORT_DST_RESERVED = 0xFFFF_00FF_0000_0000L;

  /** First and only destination bit with EIME=0. */
  private static final int SHORT_DST_SHIFT = 8;

  private static final int DLM_RESERVED_3 = 3;
  private static final int DLM_RESERVED_6 = 6;

  private InterruptEntry() {}

  /** Byte address of an entry. */
  public static long address(long table, int index) {
    return table + (long) index * BYTES;
  }

  /**
   * Whether reserved bits, or a delivery mode without a meaning, are set.
   *
   * @param extended EIME
   */
  public static boolean hasReserved(long lo, long hi, boolean extended) {
    long reserved = LAYOUT.reserved(0) | (extended ? 0 : SHORT_DST_RESERVED);
    int mode = (int) DLM.get(lo);
    return (lo & reserved) != 0
        || (hi & LAYOUT.reserved(1)) != 0
        || mode == DLM_RESERVED_3
        || mode == DLM_RESERVED_6;
  }

  /**
   * Whether a source may use the entry; SVT=3, which has no meaning, admits nobody. Both formats.
   *
   * @param hi bits 127:64
   * @param source source-id of the request
   */
  public static boolean admits(long hi, int source) {
    int id = (int) SID.get(0, hi);
    return switch ((int) SVT.get(0, hi)) {
      case SVT_NONE -> true;
      case SVT_SOURCE -> ((source ^ id) & 0xFFFF & ~ignoredFunctions((int) SQ.get(0, hi))) == 0;
      case SVT_BUS -> {
        int bus = source >>> 8 & 0xFF;
        yield bus >= id >>> 8 && bus <= (id & 0xFF);
      }
      default -> false;
    };
  }

  /** Function bits that do not count: none, bit 2, bits 2:1, bits 2:0. */
  private static int ignoredFunctions(int sq) {
    return switch (sq) {
      case 1 -> 4;
      case 2 -> 6;
      case 3 -> 7;
      default -> 0;
    };
  }

  /**
   * The APIC id of the destination: 32 bits with EIME=1, else 8.
   *
   * @param extended EIME
   */
  public static int destination(long lo, boolean extended) {
    int dst = (int) DST.get(lo);
    return extended ? dst : dst >>> SHORT_DST_SHIFT & 0xFF;
  }
}
