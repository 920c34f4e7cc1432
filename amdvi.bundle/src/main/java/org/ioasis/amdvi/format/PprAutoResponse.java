package org.ioasis.amdvi.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * PPR log auto response register, 64 bits. "PPR Log Auto Response Register".
 *
 * <p><b>Threading:</b> constants and pure functions.
 */
public final class PprAutoResponse {
  // spotless:off
  public static final Field CODE    = bits("PprAutoRspCode",     3,   0);   // response code
  public static final Field MASK_GN = bit ("PprAutoRspMaskGN",   4);   // answer without PASID

  /** The register. */
  public static final Layout LAYOUT =
      Layout.of("PPR Auto Response", 64,
          CODE, MASK_GN);
  // spotless:on

  private PprAutoResponse() {}
}
