package org.ioasis.amdvi.hardware;

import java.util.ArrayList;
import java.util.List;
import org.ioasis.amdvi.format.Event;
import org.ioasis.amdvi.format.FaultCode;
import org.ioasis.amdvi.format.InvalidDeviceRequest;
import org.ioasis.amdvi.format.IoPageFault;
import org.ioasis.amdvi.format.TableHardwareError;
import org.ioasis.kit.layout.Field;

/** Fault codes as people read them. Pure functions. */
final class FaultWords {
  private static final List<Field> FLAGS =
      List.of(
          IoPageFault.GN,
          IoPageFault.NX,
          IoPageFault.US,
          IoPageFault.I,
          IoPageFault.PR,
          IoPageFault.RW,
          IoPageFault.PE,
          IoPageFault.RZ,
          IoPageFault.TR);

  private static final String[] HARDWARE = {
    "memory failed", "nobody answers at the address", "the target refuses", "the data is bad"
  };

  private static final String[] REQUESTS = {
    "a read of the interrupt window",
    "a translated request, or a PASID, that the entry does not admit",
    "port I/O while IoCtl=0",
    "a write into the system management window that SysMgt blocks",
    "a read of the system management window that SysMgt blocks",
    "an interrupt while IntCtl=0",
    "a write into a reserved interrupt range",
    "SysMgt or IoCtl says translate while TV=0"
  };

  private FaultWords() {}

  /** The event&#39;s name with its flags: {@code IO_PAGE_FAULT(PR RW PE)}. */
  static String name(int faultCode) {
    int code = FaultCode.code(faultCode);
    if (code == 0) {
      return "none";
    }
    List<String> set = new ArrayList<>();
    long flags = FaultCode.flags(faultCode);
    if (code == Event.ILLEGAL_DEV_TABLE_ENTRY || code == Event.IO_PAGE_FAULT) {
      FLAGS.stream().filter(field -> field.isSet(flags)).forEach(field -> set.add(field.name()));
    }
    return Event.name(code) + (set.isEmpty() ? "" : "(" + String.join(" ", set) + ")");
  }

  /** What it means, a clause. */
  static String meaning(int faultCode) {
    long flags = FaultCode.flags(faultCode);
    return switch (FaultCode.code(faultCode)) {
      case 0 -> "blocked by configuration";
      case Event.ILLEGAL_DEV_TABLE_ENTRY ->
          IoPageFault.RZ.isSet(flags)
              ? "the device table entry has a reserved bit or value"
              : "there is no legal device table entry for the device, or its mode is illegal";
      case Event.IO_PAGE_FAULT -> pageFault(flags);
      case Event.DEV_TAB_HARDWARE_ERROR -> "the device table entry cannot be read: " + type(flags);
      case Event.PAGE_TAB_HARDWARE_ERROR -> "a table entry cannot be read: " + type(flags);
      case Event.ILLEGAL_COMMAND_ERROR -> "a command is illegal";
      case Event.COMMAND_HARDWARE_ERROR -> "a command cannot be read or completed: " + type(flags);
      case Event.IOTLB_INV_TIMEOUT -> "a device did not answer an invalidation in time";
      case Event.INVALID_DEVICE_REQUEST -> request(flags);
      case Event.INVALID_PPR_REQUEST -> "a page request that the device may not make";
      default -> "no event of the specification";
    };
  }

  private static String pageFault(long flags) {
    String where =
        IoPageFault.I.isSet(flags)
            ? "interrupt entry"
            : IoPageFault.GN.isSet(flags) ? "guest table entry" : "page table entry";
    if (IoPageFault.RZ.isSet(flags)) {
      return "a " + where + " has a reserved bit or value";
    }
    if (IoPageFault.PE.isSet(flags)) {
      return "no right to " + (IoPageFault.RW.isSet(flags) ? "write" : "read");
    }
    return IoPageFault.PR.isSet(flags)
        ? "a " + where + " has an illegal level or size"
        : "nothing is mapped there";
  }

  private static String type(long flags) {
    return HARDWARE[(int) TableHardwareError.TYPE.get(flags)];
  }

  private static String request(long flags) {
    int type = (int) InvalidDeviceRequest.TYPE.get(flags);
    if (!InvalidDeviceRequest.TR.isSet(flags)) {
      return REQUESTS[type];
    }
    return type == InvalidDeviceRequest.TRANSLATION_OF_SPECIAL_RANGE
        ? "a translation request into a window that is no memory"
        : "a translation request of a device whose entry does not admit it";
  }
}
