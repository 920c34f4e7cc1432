package org.ioasis.amdvi.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * COMPLETE_PPR_REQUEST, 128 bits: the answer to a page request group. "COMPLETE_PPR_REQUEST".
 *
 * <p><b>Threading:</b> constants and pure functions.
 */
public final class CompletePprRequest {
  // spotless:off
  public static final Field DEVICE_ID = bits("DeviceID",              15,   0);
  public static final Field PASID     = bits("PASID",                 51,  32);
  public static final Field GN        = bit ("GN",                    66);   // the response carries the PASID
  public static final Field PRG_INDEX = bits("CompletionTag[8:0]",   104,  96);
  public static final Field TAG_RSVD  = bits("CompletionTag[11:9]",  107, 105);   // 0
  public static final Field RESPONSE  = bits("CompletionTag[15:12]", 111, 108);   // response code

  /** The command. */
  public static final Layout LAYOUT =
      Layout.of("COMPLETE_PPR_REQUEST", 128,
          DEVICE_ID, PASID, GN, PRG_INDEX, TAG_RSVD, RESPONSE, Command.OPCODE);
  // spotless:on

  /** Response codes. */
  public static final int SUCCESS = 0, INVALID_REQUEST = 1, FAILURE = 0xF;

  private CompletePprRequest() {}

  /** Word 0. */
  public static long word0(int deviceId, int pasid) {
    return Command.OPCODE.of(Command.COMPLETE_PPR_REQUEST)
        | DEVICE_ID.of(deviceId)
        | PASID.of(pasid);
  }

  /** Word 1. */
  public static long word1(int prgIndex, int response, boolean guest) {
    return PRG_INDEX.of(prgIndex) | RESPONSE.of(response) | (guest ? GN.mask() : 0);
  }
}
