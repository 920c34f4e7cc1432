package org.ioasis.smmuv3.driver;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.ioasis.api.Blob;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.driver.AdoptReport;
import org.ioasis.api.driver.DomainFlag;
import org.ioasis.api.driver.DomainSpec;
import org.ioasis.api.driver.DriverDevice;
import org.ioasis.api.driver.DriverDomain;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.memory.FrameAllocator;
import org.ioasis.kit.driver.PageTable;
import org.ioasis.kit.driver.TableFormat;
import org.ioasis.smmuv3.format.Ste;

/**
 * Takes over a unit that translates: reads the stream table, makes of it (or of the hand-over, once
 * it agrees with the table) domains and devices, and writes nothing but invalidations.
 *
 * <p><b>Threading:</b> one thread, once, while nobody else is inside the driver.
 */
final class Adoption {
  private final SmmuDriver driver;
  private final DriverCore core;
  private final Blob blob;
  private final List<String> remarks = new ArrayList<>();
  private final Map<Integer, Long> live = new TreeMap<>();

  /**
   * An adoption.
   *
   * @param blob what the predecessor left, null if it died
   */
  Adoption(SmmuDriver driver, Blob blob) {
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
    driver.streams().forEach(live::put);
    HandOver state = blob == null ? scan() : HandOver.read(blob, core.unitId());
    Map<Integer, SmmuDomain> domains = makeDomains(state);
    compare(state, domains);
    driver.streams().adopted();
    domains.values().stream()
        .filter(domain -> domain.table() != null)
        .forEach(domain -> domain.table().countAdopted());
    List<DriverDevice> devices = makeDevices(state, domains);
    state.stalls().forEach(core.drain()::adopt);
    // What changed last may not have been told.
    core.commands().run(new CommandList().allConfiguration().allTranslations());
    Map<Long, DriverDomain> byKey = new HashMap<>();
    domains.values().forEach(domain -> byKey.put(domain.key(), domain));
    return new AdoptReport(byKey, devices, returnUnreached(), remarks);
  }

  private void checkUnit() {
    if (!core.unit().translates()) {
      throw refuse(Reason.UNSUPPORTED, "it does not translate (CR0ACK.SMMUEN=0)");
    }
    boolean ours =
        core.commands().adopt()
            && driver.streams().adopt()
            && core.events().adopt()
            && (core.pages() == null || core.pages().adopt());
    if (!ours) {
      throw refuse(Reason.UNSUPPORTED, "its queues or its stream table are none of this driver's");
    }
  }

  private HandOver scan() {
    remarks.add(
        "domains attached nowhere, flags of domains and abilities of devices are not in the"
            + " tables; they are forgotten");
    TableScan scan = new TableScan(core);
    live.forEach(scan::device);
    remarks.addAll(scan.remarks());
    return scan.state();
  }

  private Map<Integer, SmmuDomain> makeDomains(HandOver state) {
    Map<Integer, SmmuDomain> domains = new TreeMap<>();
    for (HandOver.DomainState told : state.domains()) {
      SmmuDomain parent = domains.get(told.parent());
      if (told.guest() != null && parent == null) {
        throw refuse(Reason.MALFORMED, "domain %d has no parent", told.serial());
      }
      if ((told.stage() != 0 && !core.takeTag(told.stage() == 1, told.tag()))
          || domains.containsKey(told.serial())) {
        throw refuse(Reason.MALFORMED, "tag 0x%x or number is used twice", told.tag());
      }
      SmmuDomain domain = make(told, parent);
      driver.maker().reserve(told.serial());
      core.add(domain);
      domains.put(told.serial(), domain);
    }
    return domains;
  }

  private SmmuDomain make(HandOver.DomainState told, SmmuDomain parent) {
    Blob data = told.guest() == null ? null : told.guest().blob();
    DomainSpec spec =
        new DomainSpec(told.type(), told.flags(), told.inputBits(), told.stage(), parent, data);
    if (told.guest() != null) {
      return SmmuDomain.nested(core, spec, told.serial(), told.guest());
    }
    if (told.stage() == 0) {
      return SmmuDomain.plain(core, spec, told.serial());
    }
    boolean dirty = told.flags().contains(DomainFlag.DIRTY_TRACKING);
    TableFormat format =
        told.stage() == 1
            ? new Stage1Format(core.claims(), told.inputBits(), dirty)
            : new Stage2Format(core.claims(), told.inputBits(), dirty);
    PageTable table = new PageTable(core.tables(), format, told.root());
    return SmmuDomain.paging(core, spec, told.serial(), told.tag(), table);
  }

  /** A hand-over must say what the stream table says, before anything is counted as held. */
  private void compare(HandOver state, Map<Integer, SmmuDomain> domains) {
    Set<Integer> known = new HashSet<>();
    for (HandOver.DeviceState device : state.devices()) {
      SmmuDomain rid = domains.get(device.attachments().getOrDefault(DmaRequest.NO_PASID, 0));
      for (int sid : SmmuDevice.sourceIds(device.facts())) {
        known.add(sid);
        Long at = live.get(sid);
        if (rid != null
            && rid.isStage2()
            && (at == null
                || Ste.S2TTB.inPlace(core.tables().load(at + 24)) != rid.table().root())) {
          throw refuse(Reason.MALFORMED, "device 0x%x is not attached as the hand-over says", sid);
        }
      }
    }
    for (int sid : live.keySet()) {
      if (!known.contains(sid)) {
        throw refuse(Reason.MALFORMED, "device 0x%x of the table is not in the hand-over", sid);
      }
    }
  }

  private List<DriverDevice> makeDevices(HandOver state, Map<Integer, SmmuDomain> domains) {
    List<DriverDevice> devices = new ArrayList<>();
    for (HandOver.DeviceState told : state.devices()) {
      SmmuDevice device = driver.add(told.facts());
      Map<Integer, SmmuDomain> places = new TreeMap<>();
      told.attachments().forEach((pasid, serial) -> places.put(pasid, domains.get(serial)));
      Long at = live.get(told.facts().sourceId());
      ContextTable contexts = null;
      if (at != null && StreamPlan.of(places).usesContexts()) {
        long word0 = core.tables().load(at);
        contexts =
            ContextTable.adopted(
                core.tables(), (int) Ste.S1CDMAX.get(word0), Ste.S1CONTEXTPTR.inPlace(word0));
      }
      device.adopt(places, contexts);
      devices.add(device);
    }
    return devices;
  }

  /** Gives frames back that no table reaches; says how many. Nothing is in a cache any more. */
  private long returnUnreached() {
    FrameAllocator frames = core.environment().frames();
    Set<Long> reached = new HashSet<>(core.tables().adopted());
    reached.add(core.commands().base());
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
}
