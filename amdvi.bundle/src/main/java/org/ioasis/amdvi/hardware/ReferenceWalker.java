package org.ioasis.amdvi.hardware;

import org.ioasis.amdvi.format.Dte;
import org.ioasis.amdvi.format.Event;
import org.ioasis.amdvi.format.InvalidDeviceRequest;
import org.ioasis.amdvi.format.IoPageFault;
import org.ioasis.amdvi.format.TableHardwareError;
import org.ioasis.api.inspect.Answer;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Translation;
import org.ioasis.api.memory.MemoryStatus;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.kit.inspect.SourceIds;

/**
 * The slow, readable walk: follows the specification's steps one by one, notes everything it reads
 * and changes nothing. {@link AmdviExplainer} tells its story; {@link Translator} must agree with
 * it in outcome, code and record, which property tests hold it to, so the two share no code that
 * decides.
 *
 * <p>What an earlier fault did (SE) and what the logs hold is not looked at.
 *
 * <p><b>Threading:</b> any thread; each walk has its own {@link Story}.
 */
final class ReferenceWalker {
  private static final int PAGE_LG2 = 12;

  private final PhysicalMemory memory;
  private final Capabilities capabilities;

  ReferenceWalker(PhysicalMemory memory, Capabilities capabilities) {
    this.memory = memory;
    this.capabilities = capabilities;
  }

  /** A story to hand to {@link #walk}. */
  Story story() {
    return new Story(memory);
  }

  /**
   * Walks one request that goes to memory, made while IommuEn=1.
   *
   * @param story takes what was read and decided
   */
  Answer walk(DmaRequest request, Latched latched, Story story) {
    int deviceId = request.sourceId() & 0xFFFF;
    long at = latched.entryAddress(deviceId);
    if (at < 0) {
      String why = "DeviceID 0x%x lies beyond the device table".formatted(deviceId);
      return capabilities.choices().beyondTableIsPageFault()
          ? page(request, story, -1, 0, why)
          : illegal(request, story, request.pasid(), 0, why);
    }
    String name = "DTE[%s]".formatted(SourceIds.bdf(deviceId));
    long[] words = story.read(name, Dte.LAYOUT, at);
    if (words == null) {
      return hardware(
          request,
          story,
          Event.CODE.of(Event.DEV_TAB_HARDWARE_ERROR) | deviceId,
          at,
          Dte.BYTES,
          "the device table entry cannot be read");
    }
    DeviceEntry device =
        new DeviceEntry(deviceId, capabilities, words[0], words[1], words[2], words[3]);
    story.device(device);
    return entry(request, latched, device, story);
  }

  private Answer entry(DmaRequest request, Latched latched, DeviceEntry device, Story story) {
    int type = request.addressType();
    boolean asks = type == DmaRequest.AT_TRANSLATION_REQUEST;
    if (asks && !(device.valid && device.iotlb && device.translates)) {
      return invalid(
          request,
          story,
          InvalidDeviceRequest.TRANSLATION_DISABLED,
          "a translation request needs V=1, TV=1 and I=1");
    }
    if (type == DmaRequest.AT_TRANSLATED && !(device.valid && device.iotlb)) {
      return invalid(
          request,
          story,
          InvalidDeviceRequest.PRETRANSLATED,
          "a translated request needs V=1 and I=1");
    }
    if (!device.valid) {
      return request.hasPasid()
          ? withoutGv(request, story, "V=0 and the request carries a PASID")
          : identity(request, story, Access.READ | Access.WRITE, "V=0: not translated");
    }
    if (device.malformed) {
      return illegal(
          request,
          story,
          request.pasid(),
          IoPageFault.RZ.mask(),
          "the entry has a reserved bit or value in words 0 and 1");
    }
    if (type == DmaRequest.AT_TRANSLATED) {
      return identity(request, story, Access.READ | Access.WRITE, "translated already, and I=1");
    }
    if (!device.translates) {
      return capabilities.choices().passesWithoutTv()
          ? identity(request, story, Access.READ | Access.WRITE, "TV=0: not translated")
          : page(request, story, -1, 0, "TV=0");
    }
    if (!request.hasPasid() && latched.excludes(request.iova(), device.excluded)) {
      return story.ok(
          request.iova(),
          PAGE_LG2,
          Access.READ | Access.WRITE | Access.EXECUTE,
          "the address lies in the exclusion range");
    }
    return tables(request, latched, device, story);
  }

  private Answer tables(DmaRequest request, Latched latched, DeviceEntry device, Story story) {
    boolean guest = device.guest && latched.guestTables;
    if (request.hasPasid() && !guest) {
      return withoutGv(request, story, "the request carries a PASID and guest tables are off");
    }
    boolean throughGuest = guest && (request.hasPasid() || device.guestWithoutPasid);
    int pasid = throughGuest ? Math.max(0, request.pasid()) : -1;
    story.guest(pasid);
    boolean asks = request.addressType() == DmaRequest.AT_TRANSLATION_REQUEST;
    int access = request.access();
    boolean reads = (access & (Access.READ | Access.EXECUTE)) != 0;
    boolean lacks =
        (reads && (device.rights & Access.READ) == 0)
            || (request.isWrite() && (device.rights & Access.WRITE) == 0);
    if (!asks && lacks) {
      return page(
          request,
          story,
          pasid,
          IoPageFault.PR.mask() | IoPageFault.PE.mask(),
          "IR or IW of the entry denies the access");
    }
    if (device.mode > capabilities.hostLevels()) {
      String why = "Mode=%d is not supported".formatted(device.mode);
      return capabilities.choices().badModeIsPageFault()
          ? page(request, story, pasid, IoPageFault.PR.mask(), why)
          : illegal(request, story, pasid, 0, why);
    }
    if (!throughGuest && device.mode == 0) {
      return identity(request, story, device.rights, "Mode=0: the output is the input");
    }
    ReferenceStages stages =
        new ReferenceStages(capabilities, story, device, latched.gcr3ByGuestAddress);
    return asks
        ? completion(request, device, pasid, stages, story)
        : translated(request, device, pasid, stages, story);
  }

  private boolean supervises(DmaRequest request) {
    return request.isPrivileged() && request.hasPasid() && capabilities.userSupervisor();
  }

  private ReferenceStages.Found find(
      DmaRequest request, int pasid, int access, ReferenceStages stages) {
    if (pasid >= 0) {
      return stages.guest(pasid, request.iova(), access, supervises(request));
    }
    int host =
        (access & (Access.READ | Access.WRITE))
            | ((access & Access.EXECUTE) != 0 ? Access.READ : 0);
    return stages.host(request.iova(), host);
  }

  private Answer translated(
      DmaRequest request, DeviceEntry device, int pasid, ReferenceStages stages, Story story) {
    ReferenceStages.Found found = find(request, pasid, request.access(), stages);
    if (!found.isPage()) {
      return missed(request, device, pasid, found, story);
    }
    int rights = rights(found, device, pasid);
    return story.ok(found.address(), span(request, found.lg2()), rights, found.why());
  }

  /** What entry and tables allow together. */
  private static int rights(ReferenceStages.Found found, DeviceEntry device, int pasid) {
    int tables = found.rights();
    if (pasid < 0) {
      tables |= (tables & Access.READ) != 0 ? Access.EXECUTE : 0;
    }
    int entry = device.rights | ((device.rights & Access.READ) != 0 ? Access.EXECUTE : 0);
    return tables & (entry | Walked.SUPERVISOR);
  }

  private int span(DmaRequest request, int lg2) {
    return Access.clamp(request.iova(), lg2, capabilities.htWindows());
  }

  /** A translation request is told what it may do, and nothing is logged for a missing page. */
  private Answer completion(
      DmaRequest request, DeviceEntry device, int pasid, ReferenceStages stages, Story story) {
    int asked = request.access() & ~(request.isNoWrite() ? Access.WRITE : 0);
    boolean writes = (asked & Access.WRITE) != 0;
    boolean entryDenies =
        ((asked & Access.READ) != 0 && (device.rights & Access.READ) == 0)
            || (writes && (device.rights & Access.WRITE) == 0);
    ReferenceStages.Found found =
        entryDenies
            ? ReferenceStages.Found.ended(ReferenceStages.End.DENIED, "the entry denies it")
            : find(request, pasid, asked, stages);
    boolean marks = found.isPage() && writes;
    if (found.end() == ReferenceStages.End.DENIED) {
      found = find(request, pasid, 0, stages);
    }
    if (!found.isPage()) {
      return missed(request, device, pasid, found, story);
    }
    int rights = rights(found, device, pasid);
    if ((rights & Walked.SUPERVISOR) != 0
        && !(request.isPrivileged() && capabilities.userSupervisor())) {
      rights = 0;
    }
    if ((found.tracked() && !marks) || request.isNoWrite()) {
      rights &= ~Access.WRITE;
    }
    return story.ok(found.address(), span(request, found.lg2()), rights, found.why());
  }

  private Answer missed(
      DmaRequest request, DeviceEntry device, int pasid, ReferenceStages.Found found, Story story) {
    int named = found.host() ? -1 : pasid;
    return switch (found.end()) {
      case ILLEGAL_MODE -> illegal(request, story, pasid, 0, found.why());
      case UNREADABLE ->
          hardware(
              request,
              story,
              Event.CODE.of(Event.PAGE_TAB_HARDWARE_ERROR)
                  | device.deviceId()
                  | tag(named, device.domain),
              found.address(),
              Long.BYTES,
              found.why());
      default -> {
        long flags =
            switch (found.end()) {
              case DENIED -> IoPageFault.PR.mask() | IoPageFault.PE.mask();
              case RESERVED -> IoPageFault.PR.mask() | IoPageFault.RZ.mask();
              case LEVEL -> IoPageFault.PR.mask();
              default -> 0L;
            };
        yield found.host()
            ? underGuest(request, device, flags, found, story)
            : page(request, story, pasid, flags, found.why());
      }
    };
  }

  private Answer underGuest(
      DmaRequest request,
      DeviceEntry device,
      long flags,
      ReferenceStages.Found found,
      Story story) {
    if (request.addressType() == DmaRequest.AT_TRANSLATION_REQUEST) {
      return nothing(story, found.why());
    }
    long word0 =
        Event.CODE.of(Event.IO_PAGE_FAULT)
            | device.deviceId()
            | tag(-1, device.domain)
            | flags
            | (found.writes() ? IoPageFault.RW.mask() : 0);
    return story.fault(word0, found.guestAddress(), found.why());
  }

  private static Answer nothing(Story story, String why) {
    return story.ok(0, PAGE_LG2, 0, why);
  }

  // ---- events ----

  /** PASID with GN, or DomainID. */
  private static long tag(int pasid, int domain) {
    return pasid < 0
        ? IoPageFault.DOMAIN_OR_PASID.of(domain)
        : IoPageFault.GN.mask()
            | IoPageFault.DOMAIN_OR_PASID.of(pasid & 0xFFFF)
            | IoPageFault.PASID_19_16.of(pasid >>> 16);
  }

  private static long requestFlags(DmaRequest request) {
    return (request.isWrite() ? IoPageFault.RW.mask() : 0)
        | (request.addressType() == DmaRequest.AT_TRANSLATION_REQUEST ? IoPageFault.TR.mask() : 0);
  }

  private static Answer page(DmaRequest request, Story story, int pasid, long flags, String why) {
    if (request.addressType() == DmaRequest.AT_TRANSLATION_REQUEST) {
      return nothing(story, why);
    }
    int domain = story.device() == null ? 0 : story.device().domain;
    long word0 =
        Event.CODE.of(Event.IO_PAGE_FAULT)
            | (request.sourceId() & 0xFFFF)
            | tag(pasid, domain)
            | requestFlags(request)
            | flags;
    if (pasid >= 0 && request.hasPasid()) {
      word0 |= (request.access() & Access.EXECUTE) != 0 ? IoPageFault.NX.mask() : 0;
      word0 |= request.isPrivileged() ? 0 : IoPageFault.US.mask();
    }
    return story.fault(word0, request.iova(), why);
  }

  private static Answer illegal(
      DmaRequest request, Story story, int pasid, long flags, String why) {
    long word0 =
        Event.CODE.of(Event.ILLEGAL_DEV_TABLE_ENTRY)
            | (request.sourceId() & 0xFFFF)
            | (pasid < 0 ? 0 : tag(pasid, 0))
            | requestFlags(request)
            | flags;
    return story.fault(word0, request.iova() & ~3L, why);
  }

  private Answer hardware(
      DmaRequest request, Story story, long word0, long address, int bytes, String why) {
    boolean poisoned = memory.status(address, bytes) == MemoryStatus.POISONED;
    int type = poisoned ? TableHardwareError.DATA_ERROR : TableHardwareError.MASTER_ABORT;
    return story.fault(
        word0 | requestFlags(request) | TableHardwareError.TYPE.of(type), address, why);
  }

  private static Answer invalid(DmaRequest request, Story story, int type, String why) {
    boolean pasid = request.hasPasid();
    long word0 =
        Event.CODE.of(Event.INVALID_DEVICE_REQUEST)
            | (request.sourceId() & 0xFFFF)
            | (pasid ? tag(request.pasid(), 0) : 0)
            | (pasid && !request.isPrivileged() ? InvalidDeviceRequest.US.mask() : 0)
            | (request.addressType() == DmaRequest.AT_TRANSLATION_REQUEST
                ? InvalidDeviceRequest.TR.mask()
                : 0)
            | InvalidDeviceRequest.TYPE.of(type);
    return story.fault(word0, request.iova(), why);
  }

  private Answer withoutGv(DmaRequest request, Story story, String why) {
    return invalid(request, story, capabilities.choices().pasidWithoutGvType(), why);
  }

  private Answer identity(DmaRequest request, Story story, int rights, String why) {
    long address = request.iova();
    if ((address & ~Translation.ADDRESS_MASK) != 0) {
      return story.abort("the address is beyond physical memory");
    }
    int all = rights | ((rights & Access.READ) != 0 ? Access.EXECUTE : 0);
    return story.ok(address, Access.identitySpan(address, capabilities.htWindows()), all, why);
  }
}
