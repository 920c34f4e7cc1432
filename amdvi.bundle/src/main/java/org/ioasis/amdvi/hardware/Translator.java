package org.ioasis.amdvi.hardware;

import org.ioasis.amdvi.format.IllegalDevTableEntry;
import org.ioasis.amdvi.format.InvalidDeviceRequest;
import org.ioasis.amdvi.format.IoPageFault;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Translation;
import org.ioasis.api.machine.Translation.Refusal;
import org.ioasis.api.memory.MemoryStatus;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.kit.cache.CacheWord;
import org.ioasis.kit.cache.InvalidationEpoch;
import org.ioasis.kit.cache.RequesterMemo;
import org.ioasis.kit.cache.TagMemo;
import org.ioasis.kit.cache.TagTree;

/**
 * Translates requests while IommuEn=1: device table entry, then what it selects, in the order of
 * "Determining the Translation": V, reserved bits, TV, exclusion range, guest or host tables,
 * rights of the entry, mode, tables.
 *
 * <p>Requests into windows that are no memory are not for this class. A translation that finds its
 * device table entry cached allocates nothing; none takes a lock.
 *
 * <p><b>Threading:</b> any thread.
 */
final class Translator {
  /** Instead of an answer: the IOTLB has none. */
  static final long MISS = -1;

  private static final int MEMO_SLOTS = 256;
  private static final int PAGE_LG2 = 12;
  private static final int READ_WRITE = Access.READ | Access.WRITE;

  private final Capabilities capabilities;
  private final UnitView unit;
  private final TranslationCaches caches;
  private final DeviceTable table;
  private final Stages stages;
  private final Faults faults;
  private final TagMemo memo;

  /** Requesters whose translations need one kind of tables and nothing else. */
  private final RequesterMemo<DeviceEntry> throughHost = new RequesterMemo<>(MEMO_SLOTS);

  private final RequesterMemo<DeviceEntry> throughGuest = new RequesterMemo<>(MEMO_SLOTS);
  private final boolean htWindows;

  Translator(
      PhysicalMemory memory,
      Capabilities capabilities,
      CacheGeometry geometry,
      UnitView unit,
      Faults faults) {
    this.capabilities = capabilities;
    this.unit = unit;
    this.caches = new TranslationCaches(geometry);
    this.memo = new TagMemo(MEMO_SLOTS, caches.tags, caches.iotlb);
    this.table = new DeviceTable(memory, capabilities);
    this.stages = new Stages(memory, capabilities, caches);
    this.faults = faults;
    this.htWindows = capabilities.htWindows();
  }

  /** The caches, for invalidations. */
  TranslationCaches caches() {
    return caches;
  }

  /** Translates with all effects. */
  long translate(DmaRequest request) {
    long answer = known(request);
    return answer != MISS ? answer : walk(request);
  }

  /** The same answer, from caches first, without any effect. */
  long probe(DmaRequest request) {
    long answer = hit(request);
    return answer != MISS ? answer : look(request, InvalidationEpoch.NO_FILL);
  }

  /** The answer to what {@link #hit} misses, with all effects. */
  long walk(DmaRequest request) {
    return look(request, caches.epoch.current());
  }

  /**
   * The answer to an ordinary request of a known requester from the IOTLB, {@link #MISS} if
   * anything is else. What is latched has not changed since the requester became known, or it would
   * not be known any more. Kept small, so that all of it becomes one piece of machine code.
   */
  long hit(DmaRequest request) {
    long word = memo.hit(request, request.access());
    if (word == 0 || (word & CacheWord.PRIVILEGED_ONLY) != 0) {
      return MISS;
    }
    if (!TranslationCaches.isSmallest(word)) {
      return grant(request, TranslationCaches.walked(word), CacheWord.RIGHTS);
    }
    request.granted((int) word & CacheWord.RIGHTS); // the smallest page meets no window
    return Translation.of(
        CacheWord.address(word) | (request.iova() & (1L << PAGE_LG2) - 1), PAGE_LG2);
  }

  /** The answer to a request of a known requester, {@link #MISS} if it needs {@link #walk}. */
  long known(DmaRequest request) {
    long hit = hit(request);
    return hit != MISS ? hit : knownWalk(request);
  }

  /**
   * The answer to an ordinary request of a known requester from its tables, with all effects;
   * {@link #MISS} if anything is else, and for every fault: {@link #walk} then finds it again.
   */
  private long knownWalk(DmaRequest request) {
    if (!request.isOrdinary()) {
      return MISS;
    }
    long epoch = caches.epoch.current(); // before the version: see RequesterMemo
    long version = caches.tags.version();
    RequesterMemo.Known<DeviceEntry> known = throughHost.find(request.requester());
    boolean host = known != null && known.tag(version) != TagTree.NO_TAG;
    if (!host) {
      known = throughGuest.find(request.requester());
    }
    int tag = known == null ? TagTree.NO_TAG : known.tag(version);
    if (tag == TagTree.NO_TAG) {
      return MISS;
    }
    int dirty = request.isWrite() ? Walked.DIRTY : 0;
    long walked =
        host
            ? stages.knownHost(
                known.tables(), tag, request.iova(), Access.host(request.access()) | dirty, epoch)
            : stages.knownGuest(
                known.tables(),
                Math.max(request.pasid(), 0),
                tag,
                request.iova(),
                request.access() | dirty,
                epoch);
    return walked > 0 && caches.tags.version() == version
        ? grant(request, walked, Access.granted(READ_WRITE) | Walked.SUPERVISOR)
        : MISS;
  }

  /** The whole way. What it is decided by is read after the epoch and the version of the tags. */
  private long look(DmaRequest request, long epoch) {
    long version = caches.tags.version();
    Latched now = unit.latched();
    boolean probe = epoch < 0;
    DeviceEntry device = device(request.sourceId() & 0xFFFF, now, epoch);
    if (device == null) {
      return withoutEntry(request, now, probe);
    }
    if (request.addressType() != DmaRequest.AT_UNTRANSLATED) {
      int objection = objection(request, device);
      if (objection >= 0) {
        return faults.invalidRequest(request, objection, probe);
      }
    }
    if (!device.valid) {
      return request.hasPasid() ? pasidWithoutGv(request, probe) : pass(request);
    }
    if (device.malformed) {
      return faults.illegalEntry(request, request.pasid(), IllegalDevTableEntry.RZ.mask(), probe);
    }
    if (request.addressType() == DmaRequest.AT_TRANSLATED) {
      return pass(request);
    }
    if (!device.translates) {
      return capabilities.choices().passesWithoutTv()
          ? pass(request)
          : faults.page(request, device, 0, probe);
    }
    if (!request.hasPasid() && now.excludes(request.iova(), device.excluded)) {
      return identity(request, READ_WRITE, PAGE_LG2);
    }
    return translate(request, device, now, epoch, version);
  }

  /** The entry of a device from the cache or from memory; null if there is none. */
  private DeviceEntry device(int deviceId, Latched now, long epoch) {
    DeviceEntry device = caches.devices.lookup(deviceId);
    if (device == null) {
      long at = now.entryAddress(deviceId);
      device = at < 0 ? null : table.read(deviceId, at);
      if (device != null && epoch >= 0) {
        if (caches.cachesDevices) {
          caches.devices.fill(epoch, device);
        } else if (device.suppressAfterFirst) {
          faults.fetched(device); // an entry that is fetched anew has had no fault
        }
      }
    }
    return device;
  }

  /**
   * The entry of a device for other purposes than DMA, as DMA sees it: from the cache, or from
   * memory into the cache.
   *
   * @return null if it lies beyond the table or cannot be read
   */
  DeviceEntry device(int deviceId) {
    long epoch = caches.epoch.current();
    return device(deviceId, unit.latched(), epoch);
  }

  private long withoutEntry(DmaRequest request, Latched now, boolean probe) {
    long at = now.entryAddress(request.sourceId() & 0xFFFF);
    if (at >= 0) {
      MemoryStatus status = table.status(at);
      return faults.deviceTable(request, at, status, probe);
    }
    return capabilities.choices().beyondTableIsPageFault()
        ? faults.page(request, null, 0, probe)
        : faults.illegalEntry(request, request.pasid(), 0, probe);
  }

  /** The type of INVALID_DEVICE_REQUEST of a translation or translated request, -1 for none. */
  private static int objection(DmaRequest request, DeviceEntry device) {
    if (request.addressType() == DmaRequest.AT_TRANSLATED) {
      return device.valid && device.iotlb ? -1 : InvalidDeviceRequest.PRETRANSLATED;
    }
    return device.valid && device.iotlb && device.translates
        ? -1
        : InvalidDeviceRequest.TRANSLATION_DISABLED;
  }

  private long pasidWithoutGv(DmaRequest request, boolean probe) {
    return faults.invalidRequest(request, capabilities.choices().pasidWithoutGvType(), probe);
  }

  /** Rights of the entry, then mode, then tables. */
  private long translate(
      DmaRequest request, DeviceEntry device, Latched now, long epoch, long version) {
    boolean probe = epoch < 0;
    boolean guest = device.guest && now.guestTables;
    if (request.hasPasid() && !guest) {
      return pasidWithoutGv(request, probe);
    }
    boolean throughGuest = guest && (request.hasPasid() || device.guestWithoutPasid);
    int pasid = throughGuest ? Math.max(request.pasid(), 0) : DmaRequest.NO_PASID;
    int needed = Access.host(request.access());
    boolean asks = request.addressType() == DmaRequest.AT_TRANSLATION_REQUEST;
    if (!asks && (device.rights & needed) != needed) {
      return faults.page(
          request, device, pasid, IoPageFault.PR.mask() | IoPageFault.PE.mask(), probe);
    }
    if (!device.hasLegalMode(capabilities)) {
      return capabilities.choices().badModeIsPageFault()
          ? faults.page(request, device, pasid, IoPageFault.PR.mask(), probe)
          : faults.illegalEntry(request, pasid, 0, probe);
    }
    if (!throughGuest && device.mode == 0) {
      return identity(request, device.rights, Access.identitySpan(request.iova(), htWindows));
    }
    long walked = walk(request, device, pasid, now, epoch);
    if (Walked.isFault(walked)) {
      return faults.walk(request, device, pasid, walked, probe);
    }
    if (asks) {
      return complete(request, device, walked);
    }
    remember(request, device, pasid, now, epoch, version);
    return grant(request, walked, Access.granted(device.rights) | Walked.SUPERVISOR);
  }

  private long walk(DmaRequest request, DeviceEntry device, int pasid, Latched now, long epoch) {
    boolean supervisor =
        request.isPrivileged() && request.hasPasid() && capabilities.userSupervisor();
    int who = supervisor ? Walked.SUPERVISOR : 0;
    boolean writes = request.isWrite() && !(asks(request) && request.isNoWrite());
    int access = request.access() & ~(writes ? 0 : Access.WRITE);
    int needs = access | who | (writes ? Walked.DIRTY : 0);
    if (!asks(request)) {
      return walk(request.iova(), device, pasid, needs, now, epoch);
    }
    boolean granted = (access & ~Access.granted(device.rights) & READ_WRITE) == 0;
    long walked =
        granted
            ? walk(request.iova(), device, pasid, needs, now, epoch)
            : Walked.fault(Walked.DENIED);
    return Walked.isFault(walked) && Walked.kind(walked) == Walked.DENIED
        ? walk(request.iova(), device, pasid, who, now, epoch)
        : walked;
  }

  private static boolean asks(DmaRequest request) {
    return request.addressType() == DmaRequest.AT_TRANSLATION_REQUEST;
  }

  private long walk(
      long address, DeviceEntry device, int pasid, int needs, Latched now, long epoch) {
    if (pasid >= 0) {
      return stages.guest(device, pasid, address, needs, now.gcr3ByGuestAddress, epoch);
    }
    int access = needs & (READ_WRITE | Access.EXECUTE);
    return stages.host(device, address, Access.host(access) | (needs & Walked.DIRTY), epoch);
  }

  /** Notes the tag of a requester whose translations need nothing but the IOTLB. */
  private void remember(
      DmaRequest request, DeviceEntry device, int pasid, Latched now, long epoch, long version) {
    boolean oneStage = pasid < 0 || device.mode == 0;
    if (epoch < 0
        || memo.tag(request.requester(), version) != TagTree.NO_TAG
        || !caches.cachesDevices
        || !oneStage
        || device.rights != READ_WRITE
        || now.exclusion
        || !now.enabled) {
      return;
    }
    long key = pasid < 0 ? device.hostTag : TagTree.key(device.domain, pasid);
    int tag = caches.tags.peek(key);
    if (tag != TagTree.NO_TAG) {
      memo.remember(request.requester(), version, tag);
      RequesterMemo<DeviceEntry> tables = pasid < 0 ? throughHost : throughGuest;
      tables.remember(request.requester(), version, device, tag);
    }
  }

  /**
   * The completion of a translation request. Write is granted only if no later write would have to
   * set D.
   */
  private long complete(DmaRequest request, DeviceEntry device, long walked) {
    int rights = Walked.rights(walked) & (Access.granted(device.rights) | Walked.SUPERVISOR);
    boolean supervises = request.isPrivileged() && capabilities.userSupervisor();
    if ((rights & Walked.SUPERVISOR) != 0 && !supervises) {
      rights = 0;
    }
    if (!Walked.isDirty(walked) || request.isNoWrite()) {
      rights &= ~Access.WRITE;
    }
    return grant(request, walked, rights);
  }

  private long grant(DmaRequest request, long walked, int mask) {
    long iova = request.iova();
    request.granted(Walked.rights(walked) & mask);
    return Translation.of(
        Walked.output(walked, iova), Access.clamp(iova, Walked.sizeLg2(walked), htWindows));
  }

  /** A request that is not translated at all. */
  long pass(DmaRequest request) {
    return identity(request, READ_WRITE, Access.identitySpan(request.iova(), htWindows));
  }

  private static long identity(DmaRequest request, int rights, int spanLg2) {
    if ((request.iova() & ~Translation.ADDRESS_MASK) != 0) {
      request.refused(0);
      return Translation.none(Refusal.ABORTED);
    }
    request.granted(Access.granted(rights));
    return Translation.of(request.iova(), spanLg2);
  }

  /** Fills the caches for a page, as far as there is one; for PREFETCH_IOMMU_PAGES. */
  void prefetch(int deviceId, int pasid, long address) {
    long epoch = caches.epoch.current();
    Latched now = unit.latched();
    DeviceEntry device = device(deviceId, now, epoch);
    if (device == null
        || !device.valid
        || device.malformed
        || !device.translates
        || !device.hasLegalMode(capabilities)
        || (pasid >= 0 && !(device.guest && now.guestTables))
        || (pasid < 0 && device.mode == 0)) {
      return;
    }
    walk(address, device, pasid, 0, now, epoch);
  }
}
