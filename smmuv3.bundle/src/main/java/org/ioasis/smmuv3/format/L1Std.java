package org.ioasis.smmuv3.format;

import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * Level-1 stream table descriptor, 64 bits: where a run of STEs lies. "Level 1 Stream Table
 * Descriptor".
 *
 * <p><b>Threading:</b> constants and pure functions.
 */
public final class L1Std {
  /** Bytes of a descriptor. */
  public static final int BYTES = 8;

  /** Largest Span that is not reserved. */
  public static final int SPAN_MAX = 11;

  // spotless:off
  public static final Field SPAN   = bits("Span",   4, 0);
  public static final Field L2PTR  = bits("L2Ptr", 55, 6);

  /** The whole descriptor. */
  public static final Layout LAYOUT = Layout.of("L1STD", 64, SPAN, L2PTR).inPlace(L2PTR);
  // spotless:on

  private L1Std() {}

  /**
   * Number of STEs that the descriptor leads to: 2^(Span-1), and 0 where Span is 0 or reserved,
   * which both mean invalid.
   */
  public static int entries(long descriptor) {
    int span = (int) SPAN.get(descriptor);
    return span == 0 || span > SPAN_MAX ? 0 : 1 << (span - 1);
  }

  /**
   * Address of the first STE; bits below the size of the run are treated as 0. Meaningless if
   * {@link #entries} is 0.
   */
  public static long base(long descriptor) {
    return L2PTR.inPlace(descriptor) & -((long) entries(descriptor) * Ste.BYTES);
  }
}
