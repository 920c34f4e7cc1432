package org.ioasis.amdvi.format;

import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * Head and tail registers of commands, events and page requests: a byte offset from the base of the
 * ring. "Command Buffer Head Pointer Register" and the ones like it.
 *
 * <p><b>Threading:</b> constants and pure functions.
 */
public final class RingPointer {
  // spotless:off
  public static final Field OFFSET = bits("Ptr",  18,   4);   // byte offset from the base

  /** The register. */
  public static final Layout LAYOUT =
      Layout.of("Ring Pointer", 64,
          OFFSET)
          .inPlace(OFFSET);
  // spotless:on

  private RingPointer() {}

  /** Offset of the entry after the one at {@code offset} in a ring of 2^{@code bytesLg2} bytes. */
  public static long next(long offset, int bytesLg2) {
    return offset + RingBase.ENTRY_BYTES & (1L << bytesLg2) - 1;
  }
}
