package org.ioasis.amdvi.driver;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.ioasis.amdvi.format.Event;
import org.ioasis.amdvi.format.IllegalDevTableEntry;
import org.ioasis.amdvi.format.InvalidDeviceRequest;
import org.ioasis.amdvi.format.IoPageFault;
import org.ioasis.amdvi.format.PprEntry;
import org.ioasis.amdvi.format.TableHardwareError;
import org.ioasis.api.Blob;
import org.ioasis.api.driver.FaultClass;
import org.ioasis.api.driver.FaultKind;
import org.ioasis.api.driver.FaultStage;
import org.ioasis.api.driver.RecoverableFault;
import org.ioasis.api.driver.UnrecoverableFault;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.kit.driver.UnitWait;
import org.ioasis.kit.layout.Field;

/**
 * Reads log entries as the platform&#39;s records.
 *
 * <p>An IO_PAGE_FAULT says which stage refused by GN: with it the address is a guest one.
 *
 * <p><b>Threading:</b> any thread; immutable.
 */
final class Records {
  private final UnitWait clock;

  Records(UnitWait clock) {
    this.clock = clock;
  }

  private static Blob words(String type, long word0, long word1) {
    ByteBuffer bytes = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
    return new Blob(type, bytes.putLong(word0).putLong(word1).flip());
  }

  /** A page request. */
  RecoverableFault page(long word0, long word1) {
    int access =
        (PprEntry.READ.isSet(word0) ? DmaRequest.READ : 0)
            | (PprEntry.WRITE.isSet(word0) ? DmaRequest.WRITE : 0)
            | (PprEntry.EXECUTE.isSet(word0) ? DmaRequest.EXECUTE : 0);
    return new RecoverableFault(
        FaultKind.PAGE_REQUEST,
        (int) PprEntry.DEVICE_ID.get(word0),
        PprEntry.GN.isSet(word0) ? PprEntry.pasid(word0) : DmaRequest.NO_PASID,
        PprEntry.ADDRESS.inPlace(word1),
        access,
        !PprEntry.US.isSet(word0),
        (int) PprEntry.PRG_INDEX.get(word0),
        PprEntry.LAST.isSet(word0),
        FaultStage.UNKNOWN,
        FaultClass.UNKNOWN,
        0,
        words("amdvi.ppr-entry", word0, word1),
        clock.nanoTime());
  }

  /** An event. */
  UnrecoverableFault event(long word0, long word1) {
    int code = Event.code(word0);
    boolean pageFault = code == Event.IO_PAGE_FAULT;
    return new UnrecoverableFault(
        (int) Event.DEVICE_ID.get(word0),
        pasid(code, word0),
        word1,
        access(code, word0),
        pageFault && !IoPageFault.US.isSet(word0) && IoPageFault.GN.isSet(word0),
        code,
        Event.name(code),
        stage(code, word0),
        faultClass(code, word0),
        0,
        0,
        words("amdvi.event", word0, word1),
        clock.nanoTime());
  }

  private static int pasid(int code, long word0) {
    boolean guest =
        switch (code) {
          case Event.IO_PAGE_FAULT -> IoPageFault.GN.isSet(word0);
          case Event.ILLEGAL_DEV_TABLE_ENTRY -> IllegalDevTableEntry.GN.isSet(word0);
          case Event.PAGE_TAB_HARDWARE_ERROR -> TableHardwareError.GN.isSet(word0);
          case Event.INVALID_DEVICE_REQUEST -> InvalidDeviceRequest.GN.isSet(word0);
          default -> false;
        };
    return guest ? IoPageFault.pasid(word0) : DmaRequest.NO_PASID;
  }

  private static int access(int code, long word0) {
    Field write =
        switch (code) {
          case Event.IO_PAGE_FAULT -> IoPageFault.RW;
          case Event.ILLEGAL_DEV_TABLE_ENTRY -> IllegalDevTableEntry.RW;
          case Event.DEV_TAB_HARDWARE_ERROR, Event.PAGE_TAB_HARDWARE_ERROR -> TableHardwareError.RW;
          default -> null;
        };
    if (write == null) {
      return 0;
    }
    int execute =
        code == Event.IO_PAGE_FAULT && IoPageFault.NX.isSet(word0) ? DmaRequest.EXECUTE : 0;
    return execute | (write.isSet(word0) ? DmaRequest.WRITE : DmaRequest.READ);
  }

  private static FaultStage stage(int code, long word0) {
    return switch (code) {
      case Event.IO_PAGE_FAULT, Event.PAGE_TAB_HARDWARE_ERROR ->
          IoPageFault.GN.isSet(word0) ? FaultStage.FIRST : FaultStage.SECOND;
      default -> FaultStage.UNKNOWN;
    };
  }

  private static FaultClass faultClass(int code, long word0) {
    return switch (code) {
      case Event.IO_PAGE_FAULT ->
          IoPageFault.I.isSet(word0) ? FaultClass.INTERRUPT : FaultClass.DATA;
      case Event.ILLEGAL_DEV_TABLE_ENTRY, Event.DEV_TAB_HARDWARE_ERROR -> FaultClass.CONTEXT;
      case Event.PAGE_TAB_HARDWARE_ERROR -> FaultClass.TABLE;
      default -> FaultClass.UNKNOWN;
    };
  }
}
