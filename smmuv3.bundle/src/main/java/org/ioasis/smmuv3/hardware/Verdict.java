package org.ioasis.smmuv3.hardware;

import org.ioasis.smmuv3.format.Event;
import org.ioasis.smmuv3.format.EventType;

/**
 * Why a transaction ends without a translation, and how: one negative {@code long}, so that walks
 * pass it up like an address.
 *
 * <pre>
 *  63  62     58 57  55 54  52  51   50   49   48                          0
 * +---+---------+------+------+----+----+----+-----------------------------+
 * | 1 | event   | end  |origin| PnU| InD| RnW| IPA or fetch address, >>> 3 |
 * +---+---------+------+------+----+----+----+-----------------------------+
 * </pre>
 *
 * <p>Event is its number, 0 for none; events of numbers above 1Fh never happen here.
 *
 * <p><b>Threading:</b> pure functions.
 */
final class Verdict {
  /**
   * Ends: an error at the device, without and with a record; held, with a record; quietly, without
   * and with a record; PCIe "unsupported request", without and with a record.
   */
  static final int ABORT = 0,
      ABORT_RECORDED = 1,
      STALL = 2,
      QUIET = 3,
      QUIET_RECORDED = 4,
      UNSUPPORTED = 5,
      UNSUPPORTED_RECORDED = 6;

  /**
   * Origins: stage 1 or no stage; a fetch of a stage-1 descriptor; stage 2 for a CD, for a stage-1
   * descriptor that is read or updated, for the transaction.
   */
  static final int STAGE_1 = 0,
      STAGE_1_FETCH = 1,
      STAGE_2_CD = 2,
      STAGE_2_TABLE = 3,
      STAGE_2_UPDATE = 4,
      STAGE_2 = 5;

  /** Blocked by configuration, without an event. */
  static final long SILENT = 1L << 63;

  private static final int TYPE_SHIFT = 58, END_SHIFT = 55, ORIGIN_SHIFT = 52;
  private static final int TYPE_MASK = 0x1F, FIELD_MASK = 7;
  private static final long PRIVILEGED = 1L << 51, INSTRUCTION = 1L << 50, READ = 1L << 49;
  private static final int ADDRESS_LG2 = 3;
  private static final long ADDRESS_MASK = READ - 1;

  private Verdict() {}

  /** An abort that is recorded. */
  static long of(EventType type, int origin, long address) {
    return SILENT
        | (long) type.number << TYPE_SHIFT
        | (long) ABORT_RECORDED << END_SHIFT
        | (long) origin << ORIGIN_SHIFT
        | (address >>> ADDRESS_LG2 & ADDRESS_MASK);
  }

  /** An abort that is recorded and has no address. */
  static long of(EventType type) {
    return of(type, STAGE_1, 0);
  }

  /** The same with another end. */
  static long ending(long verdict, int end) {
    return (verdict & ~((long) FIELD_MASK << END_SHIFT)) | (long) end << END_SHIFT;
  }

  /** With the attributes of the access; a read that was said before stays said. */
  static long withAccess(long verdict, boolean privileged, boolean instruction, boolean read) {
    return verdict
        | (privileged ? PRIVILEGED : 0)
        | (instruction ? INSTRUCTION : 0)
        | (read ? READ : 0);
  }

  /** The event; null for {@link #SILENT}. */
  static EventType type(long verdict) {
    return EventType.of(number(verdict));
  }

  /** Number of the event, 0 for none. */
  static int number(long verdict) {
    return (int) (verdict >>> TYPE_SHIFT) & TYPE_MASK;
  }

  static boolean is(long verdict, EventType type) {
    return verdict < 0 && number(verdict) == type.number;
  }

  static int end(long verdict) {
    return (int) (verdict >>> END_SHIFT) & FIELD_MASK;
  }

  static boolean isRecorded(long verdict) {
    int end = end(verdict);
    return end == ABORT_RECORDED
        || end == STALL
        || end == QUIET_RECORDED
        || end == UNSUPPORTED_RECORDED;
  }

  static int origin(long verdict) {
    return (int) (verdict >>> ORIGIN_SHIFT) & FIELD_MASK;
  }

  static boolean isStage2(long verdict) {
    return origin(verdict) >= STAGE_2_CD;
  }

  /** CLASS of the record. */
  static int faultClass(long verdict) {
    return switch (origin(verdict)) {
      case STAGE_2_CD -> Event.CLASS_CD;
      case STAGE_1_FETCH, STAGE_2_TABLE, STAGE_2_UPDATE -> Event.CLASS_TT;
      default -> Event.CLASS_IN;
    };
  }

  static boolean isPrivileged(long verdict) {
    return (verdict & PRIVILEGED) != 0;
  }

  static boolean isInstruction(long verdict) {
    return (verdict & INSTRUCTION) != 0;
  }

  static boolean isRead(long verdict) {
    return (verdict & READ) != 0;
  }

  static long address(long verdict) {
    return (verdict & ADDRESS_MASK) << ADDRESS_LG2;
  }
}
