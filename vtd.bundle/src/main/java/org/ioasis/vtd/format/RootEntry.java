package org.ioasis.vtd.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * Root-entry of legacy mode, 128 bits; the table has one per bus. VT-d, "Root Entry".
 *
 * <pre>
 *  127                          64 63                 12 11       1   0
 * +-------------------------------+---------------------+---------+---+
 * |           reserved            |         CTP         | reserved| P |
 * +-------------------------------+---------------------+---------+---+
 * </pre>
 */
public final class RootEntry {
  // spotless:off
  /** Present. */
  public static final Field P   = bit ("P",    0);
  /** Context table, a page address. */
  public static final Field CTP = bits("CTP", 63, 12);
  // spotless:on

  /** The structure. */
  public static final Layout LAYOUT = Layout.of("root-entry", 128, P, CTP).inPlace(CTP);

  /** Bytes per entry. */
  public static final int BYTES = 16;

  /** Entries per table, one for each bus. */
  public static final int ENTRIES = 256;

  /** Reserved bits of the low quadword, address bits above the host width not included. */
  public static final long RESERVED_LO = LAYOUT.reserved(0);

  /** Reserved bits of the high quadword: all of them. */
  public static final long RESERVED_HI = LAYOUT.reserved(1);

  private RootEntry() {}

  /**
   * Byte address of the entry for a source id.
   *
   * @param table address of the root table
   * @param sourceId bus 15:8, device 7:3, function 2:0
   */
  public static long address(long table, int sourceId) {
    return table + (sourceId >>> 8 & 0xFF) * (long) BYTES;
  }
}
