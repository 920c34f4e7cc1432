package org.ioasis.vtd.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;

/**
 * Address and data of an interrupt write. VT-d, "Interrupt Requests in Remappable Format",
 * "Interrupt Requests in Compatibility Format".
 *
 * <pre>
 *  63   32 31   20 19             5   4     3       2       1   0
 * +-------+-------+----------------+-----+-----+----------+-------+
 * |   0   |  FEEh |  handle[14:0]  | fmt | SHV |handle[15]|ignored|
 * +-------+-------+----------------+-----+-----+----------+-------+
 * </pre>
 *
 * <p>With SHV=1 data bits 15:0 are added to the handle and 31:16 are reserved; with SHV=0 data says
 * nothing.
 */
public final class InterruptRequest {
  // spotless:off
  public static final Field HANDLE_LO = bits("HANDLE[14:0]", 19, 5);  // index, low part
  public static final Field FORMAT    = bit ("FORMAT",        4);     // 1: remappable
  public static final Field SHV       = bit ("SHV",           3);     // subhandle valid
  public static final Field HANDLE_HI = bit ("HANDLE[15]",    2);     // index, bit 15
  public static final Field SUBHANDLE = bits("SUBHANDLE",    15, 0);  // of data
  // spotless:on

  private static final int HANDLE_LO_BITS = 15;

  private InterruptRequest() {}

  /** The address that a device writes to for a block of entries, with SHV=1. */
  public static long address(int firstIndex) {
    return AddressBits.INTERRUPT_FIRST
        | FORMAT.mask()
        | SHV.mask()
        | HANDLE_LO.of(firstIndex & HANDLE_LO.max())
        | HANDLE_HI.of(firstIndex >>> HANDLE_LO_BITS);
  }

  /** Whether the write is in remappable format. */
  public static boolean isRemappable(long address) {
    return FORMAT.isSet(address);
  }

  /** Whether reserved bits of a request in remappable format are set. */
  public static boolean hasReserved(long address, int data) {
    boolean elsewhere =
        address >>> AddressBits.INTERRUPT_LG2
            != AddressBits.INTERRUPT_FIRST >>> AddressBits.INTERRUPT_LG2;
    return elsewhere || (SHV.isSet(address) && data >>> SUBHANDLE.width() != 0);
  }

  /** The interrupt index, 0 to 1FFFEh: handle, plus subhandle if SHV says so. */
  public static int index(long address, int data) {
    int handle = (int) (HANDLE_HI.get(address) << HANDLE_LO_BITS) | (int) HANDLE_LO.get(address);
    return SHV.isSet(address) ? handle + (int) SUBHANDLE.get(data) : handle;
  }
}
