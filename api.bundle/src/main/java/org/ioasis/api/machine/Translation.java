package org.ioasis.api.machine;

/**
 * The packed answer to one {@link DmaRequest}: a {@code long}, so that the hot path allocates
 * nothing.
 *
 * <pre>
 *  63    62       61:56     55:0
 * +----+--------+---------+---------------------------------------------+
 * | 0  | notRam | spanLg2 | physical address of the byte at the IOVA    |
 * | 1  | 0      | 0       | 7:0 ordinal of {@link Refusal}              |
 * +----+--------+---------+---------------------------------------------+
 * </pre>
 *
 * The span is contiguous and naturally aligned: every byte of the {@code 2^spanLg2} bytes around
 * the address has the same translation offset and rights. Address 0 is legal. An answer is valid
 * only until the burst ends.
 */
public final class Translation {
  /** Mask of the physical address. */
  public static final long ADDRESS_MASK = (1L << 56) - 1;

  private static final int SPAN_SHIFT = 56;
  private static final long SPAN_MASK = 0x3F;
  private static final long NOT_RAM = 1L << 62;
  private static final long NONE = 1L << 63;
  private static final Refusal[] REFUSALS = Refusal.values();

  /** Why there is no address. */
  public enum Refusal {
    /** The unit refused it as its specification says; what it recorded stands in its records. */
    FAULT,
    /** The transaction is held in the unit; {@link DmaRequest#stallTag()} names it. */
    STALLED,
    /** The port is closed. */
    BLOCKED,
    /** The unit that held the transaction has been exchanged: ask again. */
    RETRY_MOVED,
    /** A translation or translated request that nobody serves here (PCIe Unsupported Request). */
    UNSUPPORTED,
    /** Blocked by configuration, without a record. */
    ABORTED,
    /** Ends quietly: a read gives zeros, a write is dropped, and the device learns nothing. */
    QUIET
  }

  private Translation() {}

  /** An answer in RAM. */
  public static long of(long address, int spanLg2) {
    return ((long) spanLg2 << SPAN_SHIFT) | (address & ADDRESS_MASK);
  }

  /** An answer outside RAM: an interrupt window or a device's registers. */
  public static long ofNotRam(long address, int spanLg2) {
    return NOT_RAM | of(address, spanLg2);
  }

  /** No address. */
  @SuppressWarnings("EnumOrdinal") // an answer is not kept beyond its burst
  public static long none(Refusal refusal) {
    return NONE | refusal.ordinal();
  }

  /** Whether there is an address. */
  public static boolean isPresent(long translation) {
    return translation >= 0;
  }

  /** The address; meaningless unless present. */
  public static long address(long translation) {
    return translation & ADDRESS_MASK;
  }

  /** log2 of the contiguous span in bytes; meaningless unless present. */
  public static int spanLg2(long translation) {
    return (int) (translation >>> SPAN_SHIFT & SPAN_MASK);
  }

  /** Whether the address is outside RAM; meaningless unless present. */
  public static boolean isNotRam(long translation) {
    return (translation & NOT_RAM) != 0;
  }

  /** Why there is no address; null if there is one. */
  public static Refusal refusal(long translation) {
    return translation >= 0 ? null : REFUSALS[(int) (translation & 0xFF)];
  }

  /** For messages: {@code 0x1000 span 2^12} or the refusal. */
  public static String toString(long translation) {
    return isPresent(translation)
        ? "0x%x span 2^%d%s"
            .formatted(
                address(translation),
                spanLg2(translation),
                isNotRam(translation) ? " (not RAM)" : "")
        : String.valueOf(refusal(translation));
  }
}
