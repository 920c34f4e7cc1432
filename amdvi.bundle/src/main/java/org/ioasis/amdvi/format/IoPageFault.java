package org.ioasis.amdvi.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * IO_PAGE_FAULT, 128 bits. With PR=1 and neither PE nor RZ the level or the size was wrong.
 * "IO_PAGE_FAULT Event".
 *
 * <p><b>Threading:</b> constants and pure functions.
 */
public final class IoPageFault {
  // spotless:off
  public static final Field DEVICE_ID       = bits("DeviceID",              15,   0);
  public static final Field PASID_19_16     = bits("PASID[19:16]",          19,  16);   // with GN
  public static final Field DOMAIN_OR_PASID = bits("DomainID/PASID[15:0]",  47,  32);   // PASID with GN
  public static final Field GN              = bit ("GN",                    48);   // the address is a guest one
  public static final Field NX              = bit ("NX",                    49);   // execute requested
  public static final Field US              = bit ("US",                    50);   // user privilege
  public static final Field I               = bit ("I",                     51);   // interrupt request
  public static final Field PR              = bit ("PR",                    52);   // the entry was present
  public static final Field RW              = bit ("RW",                    53);   // write
  public static final Field PE              = bit ("PE",                    54);   // no right
  public static final Field RZ              = bit ("RZ",                    55);   // reserved bit set
  public static final Field TR              = bit ("TR",                    56);   // translation request
  public static final Field ADDRESS         = bits("Address",              127,  64);

  /** The entry. */
  public static final Layout LAYOUT =
      Layout.of("IO_PAGE_FAULT", 128,
          DEVICE_ID, PASID_19_16, DOMAIN_OR_PASID, GN, NX, US, I, PR, RW, PE, RZ, TR, ADDRESS,
          Event.CODE)
          .inPlace(ADDRESS);
  // spotless:on

  private IoPageFault() {}

  /** The PASID of an entry with GN=1. */
  public static int pasid(long word0) {
    return (int) (PASID_19_16.get(word0) << 16 | DOMAIN_OR_PASID.get(word0));
  }

  /**
   * Word 0.
   *
   * @param pasidOrDomain the PASID if the flags have GN, the DomainID otherwise
   * @param flags GN to TR, in place
   */
  public static long word0(int deviceId, int pasidOrDomain, long flags) {
    return Event.CODE.of(Event.IO_PAGE_FAULT)
        | DEVICE_ID.of(deviceId & DEVICE_ID.max())
        | PASID_19_16.of(pasidOrDomain >>> 16 & PASID_19_16.max())
        | DOMAIN_OR_PASID.of(pasidOrDomain & DOMAIN_OR_PASID.max())
        | flags;
  }
}
