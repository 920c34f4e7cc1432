package org.ioasis.amdvi.driver;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.ioasis.amdvi.driver.DeviceTable.Entry;
import org.ioasis.amdvi.format.Control;
import org.ioasis.amdvi.format.Dte;
import org.ioasis.api.Blob;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.driver.AdoptReport;
import org.ioasis.api.driver.DeviceFacts;
import org.ioasis.api.driver.DomainFlag;
import org.ioasis.api.driver.DomainSpec;
import org.ioasis.api.driver.DriverDevice;
import org.ioasis.api.driver.DriverDomain;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.EndpointSpec;
import org.ioasis.api.memory.FrameAllocator;
import org.ioasis.kit.driver.PageTable;
import org.ioasis.kit.driver.TableFormat;

/**
 * Takes over a unit that translates: reads the device table, makes of it (or of the hand-over, once
 * it agrees with the table) domains and devices, and writes nothing but invalidations.
 *
 * <p><b>Threading:</b> one thread, once, while nobody else is inside the driver.
 */
final class Adoption {
  private final AmdViDriver driver;
  private final DriverCore core;
  private final Blob blob;
  private final List<String> remarks = new ArrayList<>();
  private final Map<Integer, Entry> live = new TreeMap<>();

  /**
   * An adoption.
   *
   * @param blob what the predecessor left, null if it died
   */
  Adoption(AmdViDriver driver, Blob blob) {
    this.driver = driver;
    this.core = driver.core();
    this.blob = blob;
  }

  private IoasisException refuse(Reason reason, String why, Object... values) {
    return new IoasisException(
        reason,
        "adopt of unit %s refused: ".formatted(core.unitId())
            + why.formatted(values)
            + "; start the driver instead");
  }

  AdoptReport run() {
    checkUnit();
    driver.table().forEach(live::put);
    HandOver state = blob == null ? scan() : HandOver.read(blob, core.claims(), core.unitId());
    Map<Integer, AmdDomain> domains = makeDomains(state);
    compare(state, domains);
    core.ring().adopt();
    driver.table().adopted();
    List<DriverDevice> devices = makeDevices(state, domains);
    core.emptyCaches(); // what changed last may not have been told
    Map<Long, DriverDomain> byKey = new HashMap<>();
    domains.values().forEach(domain -> byKey.put(domain.key(), domain));
    return new AdoptReport(byKey, devices, returnUnreached(), remarks);
  }

  private void checkUnit() {
    if (!Control.IOMMU_EN.isSet(core.unit().control())) {
      throw refuse(Reason.UNSUPPORTED, "it does not translate (Control.IommuEn=0)");
    }
    boolean ours =
        core.ring().canAdopt()
            && driver.table().adopt()
            && core.events().adopt()
            && (core.pages() == null || core.pages().adopt());
    if (!ours) {
      throw refuse(Reason.UNSUPPORTED, "its rings or its device table are none of this driver's");
    }
  }

  /** Domains and devices as the tables tell; flags of domains they do not tell. */
  private HandOver scan() {
    remarks.add(
        "domains attached nowhere, flags of domains and abilities of devices are not in the"
            + " tables; they are forgotten");
    TableScan scan = new TableScan(core);
    live.forEach(scan::device);
    scan.remarks().forEach(remarks::add);
    return new HandOver(scan.domains(), scan.devices());
  }

  private Map<Integer, AmdDomain> makeDomains(HandOver state) {
    Map<Integer, AmdDomain> domains = new TreeMap<>();
    for (HandOver.DomainState told : state.domains()) {
      AmdDomain parent = domains.get(told.parent());
      if (told.guest() != null && parent == null) {
        throw refuse(Reason.MALFORMED, "domain 0x%x has no parent", told.id());
      }
      if (!core.takeDomainId(told.id())) {
        throw refuse(Reason.MALFORMED, "DomainID 0x%x is used twice", told.id());
      }
      AmdDomain domain = make(told, parent);
      core.add(domain);
      domains.put(told.id(), domain);
    }
    return domains;
  }

  private AmdDomain make(HandOver.DomainState told, AmdDomain parent) {
    Blob data = told.guest() == null ? null : told.guest().blob();
    DomainSpec spec =
        new DomainSpec(told.type(), told.flags(), told.inputBits(), told.stage(), parent, data);
    if (told.guest() != null) {
      return AmdDomain.nested(core, spec, told.id(), told.guest());
    }
    if (told.levels() < 0) {
      return AmdDomain.plain(core, spec, told.id());
    }
    TableFormat format =
        told.levels() == 0
            ? new GuestFormat(core.claims())
            : new HostFormat(
                told.levels(),
                core.claims().hostBits(),
                told.flags().contains(DomainFlag.DIRTY_TRACKING),
                told.flags().contains(DomainFlag.ENFORCE_SNOOP));
    AmdDomain domain =
        AmdDomain.paging(core, spec, told.id(), new PageTable(core.tables(), format, told.root()));
    domain.adoptTracking(told.tracking());
    return domain;
  }

  /** A hand-over must say what the device table says, before anything is counted as held. */
  private void compare(HandOver state, Map<Integer, AmdDomain> domains) {
    Set<Integer> known = new HashSet<>();
    for (HandOver.DeviceState device : state.devices()) {
      for (int id : AmdDevice.sourceIds(device.facts())) {
        known.add(id);
        AmdDomain rid = domains.get(device.attachments().getOrDefault(DmaRequest.NO_PASID, 0));
        Entry entry = live.getOrDefault(id, Entry.BLOCKED);
        boolean host = rid != null && rid.isHost();
        if (host
            && (Dte.HOST_ROOT.inPlace(entry.word0()) != rid.table().root()
                || Dte.DOMAIN_ID.get(entry.word1()) != rid.id())) {
          throw refuse(Reason.MALFORMED, "device 0x%04x is not attached as the hand-over says", id);
        }
      }
    }
    for (int id : live.keySet()) {
      if (!known.contains(id)) {
        throw refuse(Reason.MALFORMED, "device 0x%04x of the table is not in the hand-over", id);
      }
    }
  }

  private List<DriverDevice> makeDevices(HandOver state, Map<Integer, AmdDomain> domains) {
    domains.values().stream()
        .filter(domain -> domain.table() != null)
        .forEach(domain -> domain.table().countAdopted());
    List<DriverDevice> devices = new ArrayList<>();
    for (HandOver.DeviceState told : state.devices()) {
      AmdDevice device = driver.add(told.facts());
      Entry entry = live.getOrDefault(told.facts().sourceId(), Entry.BLOCKED);
      Map<Integer, AmdDomain> places = new TreeMap<>();
      told.attachments().forEach((pasid, id) -> places.put(pasid, domains.get(id)));
      Gcr3Table gcr3 = null;
      if (told.tag() != 0) {
        core.takeDomainId(told.tag());
        gcr3 =
            Gcr3Table.adopted(
                core.tables(),
                (int) Dte.GLX.get(entry.word0()) + 1,
                Dte.gcr3Root(entry.word0(), entry.word1()));
      }
      long interrupts = entry.word2() & ~Dte.GUEST_PAGING.mask();
      driver.interrupts().adopt(device, interrupts);
      device.adopt(places, gcr3, told.tag(), interrupts);
      devices.add(device);
    }
    return devices;
  }

  /** Gives frames back that no table reaches; says how many. Nothing is in a cache any more. */
  private long returnUnreached() {
    FrameAllocator frames = core.environment().frames();
    Set<Long> reached = new HashSet<>(core.tables().adopted());
    reached.add(core.ring().base());
    reached.add(core.events().base());
    if (core.pages() != null) {
      reached.add(core.pages().base());
    }
    Map<Long, Integer> left = new HashMap<>();
    frames.forEach(
        (address, sizeLg2) -> {
          if (!reached.contains(address)) {
            left.put(address, sizeLg2);
          }
        });
    left.forEach(frames::free);
    return left.values().stream()
        .mapToLong(sizeLg2 -> 1L << (sizeLg2 - FrameAllocator.FRAME_LG2))
        .sum();
  }

  /** Facts of a device of which only its id is known, unless the platform knows it. */
  static DeviceFacts facts(DriverCore core, int id) {
    EndpointSpec endpoint =
        core.environment()
            .devices()
            .device(id)
            .orElse(EndpointSpec.plain("device 0x%04x".formatted(id), id));
    return new DeviceFacts(endpoint, List.of(), false);
  }
}
