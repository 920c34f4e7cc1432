package org.ioasis.amdvi.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * INVALIDATE_IOTLB_PAGES, 128 bits: a device must forget translations it holds. The PASID is cut
 * into three. "INVALIDATE_IOTLB_PAGES".
 *
 * <p><b>Threading:</b> constants and pure functions.
 */
public final class InvalidateIotlbPages {
  // spotless:off
  public static final Field DEVICE_ID   = bits("DeviceID",      15,   0);
  public static final Field PASID_15_8  = bits("PASID[15:8]",   23,  16);
  public static final Field MAX_PEND    = bits("MaxPend",       31,  24);
  public static final Field QUEUE_ID    = bits("QueueID",       47,  32);
  public static final Field PASID_7_0   = bits("PASID[7:0]",    55,  48);
  public static final Field PASID_19_16 = bits("PASID[19:16]",  59,  56);
  public static final Field S           = bit ("S",             64);   // the address carries a size
  public static final Field GN          = bit ("GN",            66);   // the request carries the PASID
  public static final Field TYPE        = bits("Type",          69,  68);   // with EFR.InvIotlbTypeSup
  public static final Field ADDRESS     = bits("Address",      127,  76);

  /** The command. */
  public static final Layout LAYOUT =
      Layout.of("INVALIDATE_IOTLB_PAGES", 128,
          DEVICE_ID, PASID_15_8, MAX_PEND, QUEUE_ID, PASID_7_0, PASID_19_16, S, GN, TYPE,
          ADDRESS, Command.OPCODE)
          .inPlace(ADDRESS);
  // spotless:on

  private InvalidateIotlbPages() {}

  /** The PASID, 0 to 2^20-1. */
  public static int pasid(long word0) {
    return (int) (PASID_19_16.get(word0) << 16 | PASID_15_8.get(word0) << 8 | PASID_7_0.get(word0));
  }

  /** Word 0. */
  public static long word0(int deviceId, int pasid, int queueId, int maxPend) {
    return Command.OPCODE.of(Command.INVALIDATE_IOTLB_PAGES)
        | DEVICE_ID.of(deviceId)
        | QUEUE_ID.of(queueId)
        | MAX_PEND.of(maxPend)
        | PASID_19_16.of(pasid >>> 16)
        | PASID_15_8.of(pasid >>> 8 & 0xFF)
        | PASID_7_0.of(pasid & 0xFF);
  }

  /**
   * Word 1.
   *
   * @param sized {@link InvalidationAddress#of}
   */
  public static long word1(long sized, boolean guest) {
    return sized | (guest ? GN.mask() : 0);
  }
}
