package org.ioasis.smmuv3.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * Level-1 context descriptor table entry, 64 bits: where a table of 64 or 1024 CDs lies. "Level 1
 * Context Descriptor".
 *
 * <p><b>Threading:</b> constants.
 */
public final class L1Cd {
  /** Bytes of an entry. */
  public static final int BYTES = 8;

  // spotless:off
  public static final Field V      = bit ("V",      0);
  public static final Field L2PTR  = bits("L2Ptr", 55, 12);    // 15:12 treated as 0 for 64 KiB tables

  /** The whole entry. */
  public static final Layout LAYOUT = Layout.of("L1CD", 64, V, L2PTR).inPlace(L2PTR);
  // spotless:on

  private L1Cd() {}
}
