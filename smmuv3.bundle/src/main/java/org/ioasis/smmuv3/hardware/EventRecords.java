package org.ioasis.smmuv3.hardware;

import org.ioasis.api.machine.DmaRequest;
import org.ioasis.smmuv3.format.Event;
import org.ioasis.smmuv3.format.EventType;

/** Writes event records from verdicts. "Event records". Pure functions. */
final class EventRecords {
  private static final long PAGE = -(1L << 12);

  private EventRecords() {}

  /**
   * The record of a verdict.
   *
   * @param record takes four words
   * @param addressMask bits of an address that can be put out
   */
  static void write(long verdict, DmaRequest request, long addressMask, long[] record) {
    EventType type = Verdict.type(verdict);
    record[0] = first(type, request);
    record[1] = 0;
    record[2] = 0;
    record[3] = 0;
    switch (type) {
      case F_TRANSLATION, F_ADDR_SIZE, F_ACCESS, F_PERMISSION -> {
        record[1] = access(verdict);
        record[2] = request.iova();
        if (Verdict.isStage2(verdict)) {
          record[3] = Event.IPA.inPlace(Verdict.address(verdict) & addressMask);
        }
        boolean readOfTable =
            type == EventType.F_PERMISSION && Verdict.origin(verdict) == Verdict.STAGE_2_TABLE;
        record[1] |= readOfTable ? Event.TTRNW.mask() : 0;
      }
      case F_WALK_EABT -> {
        record[1] = access(verdict);
        record[2] = request.iova();
        record[3] = Event.FETCH_ADDR.inPlace(Verdict.address(verdict) & addressMask);
      }
      case F_STE_FETCH, F_CD_FETCH ->
          record[3] = Event.FETCH_ADDR.inPlace(Verdict.address(verdict) & addressMask);
      case F_TRANSL_FORBIDDEN -> {
        record[1] = Verdict.isRead(verdict) ? Event.RNW.mask() : 0;
        record[2] = request.iova();
      }
      case F_BAD_ATS_TREQ -> {
        record[1] = asked(request);
        record[2] = request.iova() & PAGE;
      }
      default -> {
        // The others have their first word alone.
      }
    }
  }

  private static long first(EventType type, DmaRequest request) {
    long word =
        Event.NUMBER.of(type.number) | Event.SID.of(Integer.toUnsignedLong(request.sourceId()));
    if (!request.hasPasid()
        || type == EventType.F_STREAM_DISABLED
        || type == EventType.F_TRANSL_FORBIDDEN) {
      return word;
    }
    word |= Event.SSID.of(request.pasid());
    return type == EventType.C_BAD_SUBSTREAMID ? word : word | Event.SSV.mask();
  }

  private static long access(long verdict) {
    return (Verdict.isPrivileged(verdict) ? Event.PNU.mask() : 0)
        | (Verdict.isInstruction(verdict) ? Event.IND.mask() : 0)
        | (Verdict.isRead(verdict) ? Event.RNW.mask() : 0)
        | (Verdict.isStage2(verdict) ? Event.S2.mask() : 0)
        | Event.CLASS.of(Verdict.faultClass(verdict));
  }

  private static long asked(DmaRequest request) {
    boolean executes = (request.access() & DmaRequest.EXECUTE) != 0;
    return (request.isPrivileged() ? Event.ATS_P.mask() : 0)
        | (executes ? Event.ATS_X.mask() : 0)
        | (request.isNoWrite() ? 0 : Event.ATS_W.mask())
        | Event.ATS_R.mask();
  }
}
