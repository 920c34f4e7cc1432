package org.ioasis.smmuv3.driver;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.ioasis.api.Blob;
import org.ioasis.api.driver.FaultClass;
import org.ioasis.api.driver.FaultKind;
import org.ioasis.api.driver.FaultStage;
import org.ioasis.api.driver.RecoverableFault;
import org.ioasis.api.driver.UnrecoverableFault;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.kit.driver.UnitWait;
import org.ioasis.smmuv3.format.Event;
import org.ioasis.smmuv3.format.EventType;
import org.ioasis.smmuv3.format.PriRecord;

/**
 * Reads records as the platform&#39;s. "Event records", "PRI queue record format".
 *
 * <p><b>Threading:</b> any thread; immutable.
 */
final class Records {
  private final UnitWait clock;

  Records(UnitWait clock) {
    this.clock = clock;
  }

  /** Words as typed bytes, little-endian. */
  static Blob words(String type, long[] words) {
    ByteBuffer bytes = ByteBuffer.allocate(8 * words.length).order(ByteOrder.LITTLE_ENDIAN);
    for (long word : words) {
      bytes.putLong(word);
    }
    return new Blob(type, bytes.flip());
  }

  /** A page request. */
  RecoverableFault page(long[] words) {
    int access =
        (PriRecord.R.isSet(words[0]) ? DmaRequest.READ : 0)
            | (PriRecord.W.isSet(words[0]) ? DmaRequest.WRITE : 0)
            | (PriRecord.X.isSet(words[0]) ? DmaRequest.EXECUTE : 0);
    return new RecoverableFault(
        FaultKind.PAGE_REQUEST,
        (int) PriRecord.SID.get(words[0]),
        PriRecord.SSV.isSet(words[0]) ? (int) PriRecord.SSID.get(words[0]) : DmaRequest.NO_PASID,
        PriRecord.ADDR.inPlace(words[1]),
        access,
        PriRecord.PRIV.isSet(words[0]),
        (int) PriRecord.PRGINDEX.get(words[1]),
        PriRecord.LAST.isSet(words[0]),
        FaultStage.UNKNOWN,
        FaultClass.UNKNOWN,
        0,
        words("smmuv3.pri-record", words),
        clock.nanoTime());
  }

  /** A stalled transaction. */
  RecoverableFault stall(long[] words) {
    return new RecoverableFault(
        FaultKind.STALL,
        (int) Event.SID.get(words[0]),
        pasid(words),
        words[2],
        access(words),
        Event.PNU.isSet(words[1]),
        (int) Event.STAG.get(words[1]),
        true,
        stage(words),
        faultClass(words),
        Event.IPA.inPlace(words[3]),
        words("smmuv3.event", words),
        clock.nanoTime());
  }

  /** Any other event. */
  UnrecoverableFault event(long[] words) {
    int number = (int) Event.NUMBER.get(words[0]);
    EventType type = EventType.of(number);
    boolean translation = isTranslation(words);
    return new UnrecoverableFault(
        (int) Event.SID.get(words[0]),
        pasid(words),
        words[2],
        translation || type == EventType.F_WALK_EABT ? access(words) : 0,
        translation && Event.PNU.isSet(words[1]),
        number,
        type == null ? "event 0x%02x".formatted(number) : type.name(),
        stage(words),
        faultClass(words),
        translation ? Event.IPA.inPlace(words[3]) : 0,
        0,
        words("smmuv3.event", words),
        clock.nanoTime());
  }

  private static boolean isTranslation(long[] words) {
    EventType type = EventType.of((int) Event.NUMBER.get(words[0]));
    return type != null && type.isTranslationFault();
  }

  private static int pasid(long[] words) {
    return Event.SSV.isSet(words[0]) ? (int) Event.SSID.get(words[0]) : DmaRequest.NO_PASID;
  }

  private static int access(long[] words) {
    int kind = Event.RNW.isSet(words[1]) ? DmaRequest.READ : DmaRequest.WRITE;
    return kind | (Event.IND.isSet(words[1]) ? DmaRequest.EXECUTE : 0);
  }

  private static FaultStage stage(long[] words) {
    EventType type = EventType.of((int) Event.NUMBER.get(words[0]));
    if (!isTranslation(words) && type != EventType.F_WALK_EABT) {
      return FaultStage.UNKNOWN;
    }
    return Event.S2.isSet(words[1]) ? FaultStage.SECOND : FaultStage.FIRST;
  }

  private static FaultClass faultClass(long[] words) {
    EventType type = EventType.of((int) Event.NUMBER.get(words[0]));
    if (isTranslation(words) || type == EventType.F_WALK_EABT) {
      return switch ((int) Event.CLASS.get(words[1])) {
        case Event.CLASS_CD -> FaultClass.CONTEXT;
        case Event.CLASS_TT -> FaultClass.TABLE;
        default -> FaultClass.DATA;
      };
    }
    return type == EventType.F_TRANSL_FORBIDDEN || type == EventType.F_BAD_ATS_TREQ
        ? FaultClass.DATA
        : FaultClass.CONTEXT;
  }
}
