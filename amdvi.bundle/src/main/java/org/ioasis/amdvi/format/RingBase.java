package org.ioasis.amdvi.format;

import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * Base registers of the rings: commands, events, page requests, each with entries of 16 bytes.
 * "Command Buffer Base Address Register", "Event Log Base Address Register", "PPR Log Base Address
 * Register".
 *
 * <p><b>Threading:</b> constants and pure functions.
 */
public final class RingBase {
  // spotless:off
  public static final Field ADDRESS = bits("Base",  51,  12);
  public static final Field LENGTH  = bits("Len",   59,  56);   // log2 of the entries, 8 to 15

  /** The register. */
  public static final Layout LAYOUT =
      Layout.of("Ring Base", 64,
          ADDRESS, LENGTH)
          .inPlace(ADDRESS);
  // spotless:on

  /** Bytes of an entry: commands, events and page requests. */
  public static final int ENTRY_BYTES = 16;

  /** The least and the greatest legal length code. */
  public static final int MIN_LENGTH = 8, MAX_LENGTH = 15;

  private RingBase() {}

  /** Whether the length code is one that a ring runs with. */
  public static boolean isLegal(long register) {
    return LENGTH.get(register) >= MIN_LENGTH;
  }

  /** log2 of the ring&#39;s bytes, 12 to 19 for a legal length. */
  public static int bytesLg2(long register) {
    return (int) LENGTH.get(register) + 4;
  }

  /** A register value for a ring of 2^{@code entriesLg2} entries. */
  public static long of(long address, int entriesLg2) {
    return ADDRESS.ofInPlace(address) | LENGTH.of(entriesLg2);
  }
}
