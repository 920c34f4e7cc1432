package org.ioasis.amdvi.hardware;

import java.util.Optional;
import org.ioasis.amdvi.format.Command;
import org.ioasis.amdvi.format.CompletePprRequest;
import org.ioasis.amdvi.format.CompletionWait;
import org.ioasis.amdvi.format.Dte;
import org.ioasis.amdvi.format.Event;
import org.ioasis.amdvi.format.IllegalDevTableEntry;
import org.ioasis.amdvi.format.InvalidateDevtabEntry;
import org.ioasis.amdvi.format.InvalidateInterruptTable;
import org.ioasis.amdvi.format.InvalidateIommuAll;
import org.ioasis.amdvi.format.InvalidateIommuPages;
import org.ioasis.amdvi.format.InvalidateIotlbPages;
import org.ioasis.amdvi.format.PrefetchIommuPages;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Endpoint;
import org.ioasis.api.machine.PageResponse;
import org.ioasis.api.memory.MemoryStatus;
import org.ioasis.kit.layout.Layout;

/**
 * Checks and executes commands. "Command Buffer". Opcode and capability first, then reserved bits;
 * a command that fails a check is illegal and has no effect.
 *
 * <p><b>Threading:</b> the command buffer's turns, without a lock.
 */
final class CommandExecutor {
  /** What became of a command. */
  enum Result {
    /** It is done. */
    DONE,
    /** It is a COMPLETION_WAIT: complete it when everything before it has ended. */
    WAIT,
    /** ILLEGAL_COMMAND_ERROR. */
    ILLEGAL
  }

  private static final int PAGE_LG2 = 12;

  private final UnitCore core;
  private final Capabilities capabilities;
  private final Translator translator;
  private final TranslationCaches caches;
  private final InterruptEntryCache interrupts;
  private final EventLog log;
  private final IotlbInvalidations devices;

  CommandExecutor(
      UnitCore core,
      Translator translator,
      InterruptEntryCache interrupts,
      EventLog log,
      IotlbInvalidations devices) {
    this.core = core;
    this.capabilities = core.capabilities;
    this.translator = translator;
    this.caches = translator.caches();
    this.interrupts = interrupts;
    this.log = log;
    this.devices = devices;
  }

  /**
   * Executes a command.
   *
   * @param address where it lies
   */
  Result execute(long word0, long word1, long address) {
    return switch (Command.opcode(word0)) {
      case Command.COMPLETION_WAIT ->
          isClean(CompletionWait.LAYOUT, word0, word1) ? Result.WAIT : Result.ILLEGAL;
      case Command.INVALIDATE_DEVTAB_ENTRY -> invalidateDevtabEntry(word0, word1);
      case Command.INVALIDATE_IOMMU_PAGES -> invalidateIommuPages(word0, word1);
      case Command.INVALIDATE_IOTLB_PAGES ->
          capabilities.deviceIotlb() ? invalidateIotlbPages(word0, word1, address) : Result.ILLEGAL;
      case Command.INVALIDATE_INTERRUPT_TABLE -> invalidateInterruptTable(word0, word1);
      case Command.PREFETCH_IOMMU_PAGES ->
          capabilities.prefetch() ? prefetchIommuPages(word0, word1) : Result.ILLEGAL;
      case Command.COMPLETE_PPR_REQUEST ->
          capabilities.pageRequests() ? completePprRequest(word0, word1) : Result.ILLEGAL;
      case Command.INVALIDATE_IOMMU_ALL ->
          capabilities.invalidateAll() ? invalidateIommuAll(word0, word1) : Result.ILLEGAL;
      default -> Result.ILLEGAL;
    };
  }

  private static boolean isClean(Layout layout, long word0, long word1) {
    return ((word0 & layout.reserved(0)) | (word1 & layout.reserved(1))) == 0;
  }

  private Result invalidateDevtabEntry(long word0, long word1) {
    if (!isClean(InvalidateDevtabEntry.LAYOUT, word0, word1)) {
      return Result.ILLEGAL;
    }
    int deviceId = (int) InvalidateDevtabEntry.DEVICE_ID.get(word0);
    caches.invalidateDevice(deviceId);
    log.rearm(deviceId);
    if (capabilities.choices().fetchesOnInvalidation()) {
      fetchEntry(deviceId);
    }
    return Result.DONE;
  }

  private void fetchEntry(int deviceId) {
    Latched now = core.latched;
    long at = now.entryAddress(deviceId);
    DeviceEntry entry = translator.device(deviceId);
    if (entry == null && at >= 0) {
      MemoryStatus status = core.environment.memory().status(at, Dte.BYTES);
      log.report(Faults.deviceTableWord0(deviceId, status, 0), at);
    } else if (entry != null && entry.hasReservedBits(capabilities)) {
      log.report(
          Event.CODE.of(Event.ILLEGAL_DEV_TABLE_ENTRY)
              | IllegalDevTableEntry.DEVICE_ID.of(deviceId)
              | IllegalDevTableEntry.RZ.mask(),
          0);
    }
  }

  private Result invalidateIommuPages(long word0, long word1) {
    if (!isClean(InvalidateIommuPages.LAYOUT, word0, word1)) {
      return Result.ILLEGAL;
    }
    int domain = (int) InvalidateIommuPages.DOMAIN_ID.get(word0);
    boolean directories = InvalidateIommuPages.PDE.isSet(word0, word1);
    if (InvalidateIommuPages.GN.isSet(word0, word1)) {
      int pasid = (int) InvalidateIommuPages.PASID.get(word0);
      caches.invalidateGuestPages(domain, pasid, word1, directories);
    } else {
      caches.invalidateHostPages(domain, word1, directories);
    }
    return Result.DONE;
  }

  /** Type is a field of EFR.InvIotlbTypeSup, which no profile of this model claims. */
  private Result invalidateIotlbPages(long word0, long word1, long address) {
    if (!isClean(InvalidateIotlbPages.LAYOUT, word0, word1)
        || InvalidateIotlbPages.TYPE.isSet(word0, word1)) {
      return Result.ILLEGAL;
    }
    devices.send(word0, word1, address);
    return Result.DONE;
  }

  private Result invalidateInterruptTable(long word0, long word1) {
    if (!isClean(InvalidateInterruptTable.LAYOUT, word0, word1)) {
      return Result.ILLEGAL;
    }
    interrupts.invalidate((int) InvalidateInterruptTable.DEVICE_ID.get(word0));
    return Result.DONE;
  }

  private Result prefetchIommuPages(long word0, long word1) {
    if (!isClean(PrefetchIommuPages.LAYOUT, word0, word1)) {
      return Result.ILLEGAL;
    }
    int deviceId = (int) PrefetchIommuPages.DEVICE_ID.get(word0);
    boolean guest = PrefetchIommuPages.GN.isSet(word0, word1);
    int pasid = guest ? (int) PrefetchIommuPages.PASID.get(word0) : DmaRequest.NO_PASID;
    long page = PrefetchIommuPages.ADDRESS.inPlace(word0, word1);
    int count = (int) PrefetchIommuPages.PF_COUNT.get(word0);
    if (PrefetchIommuPages.INVAL.isSet(word0, word1)) {
      forget(deviceId, pasid, page, count);
    }
    for (int index = 0; index < count; index++) {
      translator.prefetch(deviceId, pasid, page + ((long) index << PAGE_LG2));
    }
    return Result.DONE;
  }

  private void forget(int deviceId, int pasid, long page, int count) {
    DeviceEntry device = translator.device(deviceId);
    for (int index = 0; device != null && index < count; index++) {
      long address = page + ((long) index << PAGE_LG2);
      if (pasid < 0) {
        caches.invalidateHostPages(device.domain, address, false);
      } else {
        caches.invalidateGuestPages(device.domain, pasid, address, false);
      }
    }
  }

  private Result completePprRequest(long word0, long word1) {
    if (!isClean(CompletePprRequest.LAYOUT, word0, word1)
        || CompletePprRequest.TAG_RSVD.isSet(word0, word1)) {
      return Result.ILLEGAL;
    }
    int deviceId = (int) CompletePprRequest.DEVICE_ID.get(word0);
    boolean guest = CompletePprRequest.GN.isSet(word0, word1);
    Optional<Endpoint> device = core.environment.endpoint(deviceId);
    PageResponse response =
        new PageResponse(
            deviceId,
            guest ? (int) CompletePprRequest.PASID.get(word0) : DmaRequest.NO_PASID,
            (int) CompletePprRequest.PRG_INDEX.get(word0, word1),
            code((int) CompletePprRequest.RESPONSE.get(word0, word1)));
    device.ifPresent(endpoint -> endpoint.pageResponse(response));
    return Result.DONE;
  }

  /** A response code as the device gets it; codes without a meaning are failures. */
  static PageResponse.Code code(int response) {
    return switch (response) {
      case CompletePprRequest.SUCCESS -> PageResponse.Code.SUCCESS;
      case CompletePprRequest.INVALID_REQUEST -> PageResponse.Code.INVALID_REQUEST;
      default -> PageResponse.Code.RESPONSE_FAILURE;
    };
  }

  private Result invalidateIommuAll(long word0, long word1) {
    if (!isClean(InvalidateIommuAll.LAYOUT, word0, word1)) {
      return Result.ILLEGAL;
    }
    caches.invalidateAll();
    interrupts.invalidateAll();
    log.rearmAll();
    return Result.DONE;
  }
}
