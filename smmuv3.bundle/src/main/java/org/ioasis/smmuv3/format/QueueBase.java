package org.ioasis.smmuv3.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * SMMU_CMDQ_BASE, SMMU_EVENTQ_BASE and SMMU_PRIQ_BASE. "SMMU_CMDQ_BASE".
 *
 * <p><b>Threading:</b> constants and pure functions.
 */
public final class QueueBase {
  // spotless:off
  public static final Field LOG2SIZE = bits("LOG2SIZE",   4,   0);    // log2 of the entries
  public static final Field ADDR     = bits("ADDR",      55,   5);
  public static final Field HINT     = bit ("RA or WA",  62);    // allocation hint

  /** The whole register. */
  public static final Layout LAYOUT =
      Layout.of(
          "QUEUE_BASE", 64,
          LOG2SIZE, ADDR, HINT)
          .inPlace(ADDR);
  // spotless:on

  /** log2 of the bytes of a command, of an event record, of a PRI record. */
  public static final int COMMAND_LG2 = 4, EVENT_LG2 = 5, PRI_LG2 = 4;

  /**
   * log2 of the entries: what is programmed, capped at what the unit has.
   *
   * @param largest IDR1.CMDQS, EVENTQS or PRIQS
   */
  public static int entriesLg2(long base, int largest) {
    return (int) Math.min(LOG2SIZE.get(base), largest);
  }

  /**
   * Address of entry 0: aligned down to the size of the queue, and to 32 bytes.
   *
   * @param entriesLg2 {@link #entriesLg2}
   * @param entryLg2 log2 of the bytes of an entry
   */
  public static long address(long base, int entriesLg2, int entryLg2) {
    return ADDR.inPlace(base) & -(1L << Math.max(entriesLg2 + entryLg2, 5));
  }

  private QueueBase() {}
}
