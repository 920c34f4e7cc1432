package org.ioasis.amdvi.hardware;

import org.ioasis.amdvi.format.Event;
import org.ioasis.amdvi.format.FaultCode;
import org.ioasis.amdvi.format.IllegalDevTableEntry;
import org.ioasis.amdvi.format.InvalidDeviceRequest;
import org.ioasis.amdvi.format.IoPageFault;
import org.ioasis.amdvi.format.TableHardwareError;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Translation;
import org.ioasis.api.machine.Translation.Refusal;
import org.ioasis.api.memory.MemoryStatus;

/**
 * Turns what went wrong with a request into its event and the refusal that the device sees. "Event
 * Logging", "IO_PAGE_FAULT Event" and its siblings.
 *
 * <p>With a PASID (GN=1) an event names the PASID, otherwise the DomainID. A probe leaves no event.
 *
 * <p><b>Threading:</b> any thread.
 */
final class Faults {
  private final EventLog log;

  Faults(EventLog log) {
    this.log = log;
  }

  /** The entry of a device was fetched and is not kept: its next page fault is the first. */
  void fetched(DeviceEntry device) {
    log.rearm(device.deviceId());
  }

  /** RW, TR, and with a PASID GN: what every event says of its request. */
  private static long common(DmaRequest request, int pasid) {
    return (request.isWrite() ? IoPageFault.RW.mask() : 0)
        | (request.addressType() == DmaRequest.AT_TRANSLATION_REQUEST ? IoPageFault.TR.mask() : 0)
        | (pasid >= 0 ? IoPageFault.GN.mask() : 0);
  }

  private static long pasidBits(int pasid) {
    return pasid < 0
        ? 0
        : IllegalDevTableEntry.PASID_19_16.of(pasid >>> 16)
            | IllegalDevTableEntry.PASID_15_0.of(pasid & 0xFFFF);
  }

  private long refuse(DmaRequest request, long word0, long word1, Refusal refusal, boolean probe) {
    request.refused(FaultCode.ofEvent(word0));
    if (!probe && refusal != Refusal.ABORTED) {
      log.report(word0, word1);
    }
    return Translation.none(refusal);
  }

  /**
   * IO_PAGE_FAULT of a request without PASID.
   *
   * @param device null if the DeviceID has no entry
   * @param flags PR, PE, RZ
   */
  long page(DmaRequest request, DeviceEntry device, long flags, boolean probe) {
    return page(request, device, DmaRequest.NO_PASID, flags, probe);
  }

  /**
   * IO_PAGE_FAULT.
   *
   * @param pasid the PASID whose tables were used, or NO_PASID
   */
  long page(DmaRequest request, DeviceEntry device, int pasid, long flags, boolean probe) {
    long all = common(request, pasid) | flags;
    if (request.hasPasid() && pasid >= 0) {
      boolean execute = (request.access() & Access.EXECUTE) != 0;
      all |= execute ? IoPageFault.NX.mask() : 0;
      all |= request.isPrivileged() ? 0 : IoPageFault.US.mask();
    }
    return page(request, device, pasid, all, request.iova(), probe);
  }

  private long page(
      DmaRequest request, DeviceEntry device, int pasid, long flags, long address, boolean probe) {
    int tag = pasid >= 0 ? pasid : device == null ? 0 : device.domain;
    long word0 = IoPageFault.word0(request.sourceId(), tag, flags);
    boolean translation = request.addressType() == DmaRequest.AT_TRANSLATION_REQUEST;
    if (translation) {
      request.granted(0);
      return Translation.of(0, 12); // completed, and nothing is allowed
    }
    boolean quiet = device != null && (probe ? device.suppressAll : log.suppresses(device));
    return refuse(request, word0, address, quiet ? Refusal.ABORTED : Refusal.FAULT, probe);
  }

  /** What a walk answered: a page fault, or memory that failed. */
  long walk(DmaRequest request, DeviceEntry device, int pasid, long fault, boolean probe) {
    int kind = Walked.kind(fault);
    boolean nested = Walked.isNested(fault);
    int named = nested ? DmaRequest.NO_PASID : pasid;
    if (kind == Walked.ILLEGAL_LEVEL) {
      return illegalEntry(request, pasid, 0, probe);
    }
    if (Walked.isHardware(fault)) {
      long flags =
          common(request, named)
              | TableHardwareError.TYPE.of(
                  kind == Walked.POISONED
                      ? TableHardwareError.DATA_ERROR
                      : TableHardwareError.MASTER_ABORT);
      int tag = named >= 0 ? named : device.domain;
      long word0 =
          Event.CODE.of(Event.PAGE_TAB_HARDWARE_ERROR)
              | (IoPageFault.word0(request.sourceId(), tag, flags) & ~Event.CODE.mask());
      return refuse(request, word0, Walked.address(fault) & ~7L, refusal(request), probe);
    }
    if (!nested) {
      return page(request, device, pasid, Walked.flags(kind), probe);
    }
    long flags =
        (common(request, DmaRequest.NO_PASID) & ~IoPageFault.RW.mask())
            | (Walked.writes(fault) ? IoPageFault.RW.mask() : 0)
            | Walked.flags(kind);
    return page(request, device, DmaRequest.NO_PASID, flags, Walked.address(fault), probe);
  }

  /** A translation request that fails for another reason than a missing page is unsupported. */
  private static Refusal refusal(DmaRequest request) {
    return request.addressType() == DmaRequest.AT_UNTRANSLATED
        ? Refusal.FAULT
        : Refusal.UNSUPPORTED;
  }

  /**
   * ILLEGAL_DEV_TABLE_ENTRY.
   *
   * @param pasid of the request, or NO_PASID
   * @param flags RZ or none
   */
  long illegalEntry(DmaRequest request, int pasid, long flags, boolean probe) {
    long word0 =
        Event.CODE.of(Event.ILLEGAL_DEV_TABLE_ENTRY)
            | IllegalDevTableEntry.DEVICE_ID.of(request.sourceId() & 0xFFFF)
            | pasidBits(pasid)
            | common(request, pasid)
            | flags;
    return refuse(request, word0, request.iova() & ~3L, refusal(request), probe);
  }

  /** DEV_TAB_HARDWARE_ERROR. */
  long deviceTable(DmaRequest request, long address, MemoryStatus status, boolean probe) {
    long word0 = deviceTableWord0(request.sourceId(), status, common(request, DmaRequest.NO_PASID));
    return refuse(request, word0, address, refusal(request), probe);
  }

  /**
   * Word 0 of a DEV_TAB_HARDWARE_ERROR.
   *
   * @param flags I, RW, TR
   */
  static long deviceTableWord0(int deviceId, MemoryStatus status, long flags) {
    return Event.CODE.of(Event.DEV_TAB_HARDWARE_ERROR)
        | TableHardwareError.DEVICE_ID.of(deviceId & 0xFFFF)
        | TableHardwareError.TYPE.of(
            status == MemoryStatus.POISONED
                ? TableHardwareError.DATA_ERROR
                : TableHardwareError.MASTER_ABORT)
        | flags;
  }

  /**
   * INVALID_DEVICE_REQUEST.
   *
   * @param type of {@link InvalidDeviceRequest}
   */
  long invalidRequest(DmaRequest request, int type, boolean probe) {
    int pasid = request.pasid();
    long word0 =
        Event.CODE.of(Event.INVALID_DEVICE_REQUEST)
            | InvalidDeviceRequest.DEVICE_ID.of(request.sourceId() & 0xFFFF)
            | pasidBits(pasid)
            | (pasid >= 0 ? InvalidDeviceRequest.GN.mask() : 0)
            | (pasid >= 0 && !request.isPrivileged() ? InvalidDeviceRequest.US.mask() : 0)
            | (request.addressType() == DmaRequest.AT_TRANSLATION_REQUEST
                ? InvalidDeviceRequest.TR.mask()
                : 0)
            | InvalidDeviceRequest.TYPE.of(type);
    return refuse(request, word0, request.iova(), refusal(request), probe);
  }
}
