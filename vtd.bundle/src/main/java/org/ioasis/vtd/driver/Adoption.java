package org.ioasis.vtd.driver;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.ioasis.api.Blob;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.driver.AdoptReport;
import org.ioasis.api.driver.DomainFlag;
import org.ioasis.api.driver.DomainSpec;
import org.ioasis.api.driver.DriverDevice;
import org.ioasis.api.driver.DriverDomain;
import org.ioasis.api.memory.FrameAllocator;
import org.ioasis.kit.driver.PageTable;
import org.ioasis.vtd.format.Gcmd;
import org.ioasis.vtd.format.RegisterMap;
import org.ioasis.vtd.format.Rtaddr;

/**
 * Takes over a unit that translates. First everything is read and checked, then objects are made;
 * the unit itself is told nothing but invalidations, which may come at any time.
 *
 * <p><b>Threading:</b> one thread, once, while nobody else is inside the driver.
 */
final class Adoption {
  private final VtdDriver driver;
  private final DriverCore core;
  private final Blob blob;
  private final List<String> remarks = new ArrayList<>();

  /**
   * An adoption.
   *
   * @param blob what the predecessor left, null if it died
   */
  Adoption(VtdDriver driver, Blob blob) {
    this.driver = driver;
    this.core = driver.core();
    this.blob = blob;
  }

  private IoasisException refuse(Reason reason, String why) {
    return new IoasisException(
        reason,
        "adopt of unit %s refused: %s; start the driver instead".formatted(core.unitId(), why));
  }

  AdoptReport run() {
    long root = checkUnit();
    HandOver live = new TableScan(core, root).run();
    HandOver state = live;
    if (blob != null) {
      state = HandOver.read(blob);
      compare(state, live);
    } else {
      remarks.add(
          "domains attached nowhere and flags of domains are not in the tables; they are"
              + " forgotten");
    }
    checkDomains(state);
    core.ring().adopt();
    if (driver.pages() != null) {
      driver.pages().adoptQueue();
    }
    if (driver.interrupts() != null) {
      int entries = driver.interrupts().adopt(state.interrupts());
      if (entries > 0) {
        remarks.add(
            "%d interrupt entries stay as they are; their blocks end with this driver"
                .formatted(entries));
      }
    }
    driver.contexts().adopt(root);
    Map<Integer, VtdDomain> domains = adoptDomains(state);
    List<DriverDevice> devices = adoptDevices(state, domains);
    driver.invalidateAll(); // what a predecessor changed last may not have been invalidated
    Map<Long, DriverDomain> byKey = new HashMap<>();
    domains.values().forEach(domain -> byKey.put(domain.key(), domain));
    return new AdoptReport(byKey, devices, returnUnreached(), remarks);
  }

  /** Gives frames back that no table reaches; says how many. Nothing is in a cache any more. */
  private long returnUnreached() {
    FrameAllocator frames = core.environment().frames();
    Set<Long> reached = new HashSet<>(core.tables().adopted());
    reached.addAll(core.structures().adopted());
    reached.add(core.ring().base());
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

  /** Checks registers; says where the root table is. */
  private long checkUnit() {
    if (!core.unit().status(Gcmd.TE) || !core.unit().status(Gcmd.SRTP)) {
      throw refuse(Reason.UNSUPPORTED, "it does not translate (GSTS.TES and RTPS are not both 1)");
    }
    String objection = core.ring().objection();
    if (objection.isEmpty() && driver.pages() != null) {
      objection = driver.pages().objection();
    }
    if (objection.isEmpty() && driver.interrupts() != null) {
      objection = driver.interrupts().objection();
    }
    if (!objection.isEmpty()) {
      throw refuse(Reason.UNSUPPORTED, objection);
    }
    long rtaddr = core.unit().mmio().read64(RegisterMap.RTADDR);
    int mode = core.claims().scalable() ? 1 : 0;
    if (Rtaddr.TTM.get(rtaddr) != mode) {
      throw refuse(
          Reason.UNSUPPORTED,
          "RTADDR.TTM is %d and this driver runs %d".formatted(Rtaddr.TTM.get(rtaddr), mode));
    }
    return Rtaddr.RTA.inPlace(rtaddr);
  }

  /** A hand-over must say what the tables say. */
  private void compare(HandOver told, HandOver live) {
    Map<Integer, HandOver.DomainState> known = new HashMap<>();
    told.domains().forEach(domain -> known.put(domain.did(), domain));
    for (HandOver.DomainState domain : live.domains()) {
      HandOver.DomainState same =
          domain.flags().contains(DomainFlag.NEST_PARENT)
              ? parentWithRoot(told, domain.root()) // maybe attached nowhere: no entry tells its id
              : known.get(domain.did());
      if (same == null || same.root() != domain.root() || same.levels() != domain.levels()) {
        throw refuse(
            Reason.MALFORMED,
            "domain-id 0x%x of the tables is not the hand-over's".formatted(domain.did()));
      }
    }
    Map<Integer, Map<Integer, Integer>> attached = new HashMap<>();
    for (HandOver.DeviceState device : told.devices()) {
      VtdDevice.sourceIds(device.facts())
          .forEach(id -> attached.put(id, translated(device.attachments(), known)));
    }
    for (HandOver.DeviceState device : live.devices()) {
      for (int id : VtdDevice.sourceIds(device.facts())) {
        if (!device.attachments().equals(attached.get(id))) {
          throw refuse(
              Reason.MALFORMED,
              "attachments of device 0x%04x are not the hand-over's".formatted(id));
        }
      }
    }
  }

  private static HandOver.DomainState parentWithRoot(HandOver told, long root) {
    return told.domains().stream()
        .filter(domain -> domain.flags().contains(DomainFlag.NEST_PARENT) && domain.root() == root)
        .findFirst()
        .orElse(null);
  }

  /** Attachments that have an entry: not those of blocked domains. */
  private static Map<Integer, Integer> translated(
      Map<Integer, Integer> attachments, Map<Integer, HandOver.DomainState> domains) {
    Map<Integer, Integer> with = new HashMap<>(attachments);
    with.values()
        .removeIf(
            did -> domains.containsKey(did) && domains.get(did).type() == DomainSpec.Type.BLOCKED);
    return with;
  }

  private void checkDomains(HandOver state) {
    for (HandOver.DomainState domain : state.domains()) {
      boolean fits =
          switch (domain.stage()) {
            case 0 -> domain.type() != DomainSpec.Type.NESTED || core.claims().nesting();
            case 1 ->
                core.claims().firstStage()
                    && (domain.levels() == 4
                        || (domain.levels() == 5 && core.claims().fiveLevelFirstStage()));
            default -> core.claims().secondStage() && core.claims().supportsLevels(domain.levels());
          };
      if (!fits) {
        throw refuse(
            Reason.UNSUPPORTED,
            "domain-id 0x%x has %d levels of stage %d, not written here"
                .formatted(domain.did(), domain.levels(), domain.stage()));
      }
    }
  }

  private Map<Integer, VtdDomain> adoptDomains(HandOver state) {
    Map<Integer, VtdDomain> domains = new HashMap<>();
    for (HandOver.DomainState domain : state.domains()) {
      core.takeDid(domain.did());
      if (domain.type() != DomainSpec.Type.NESTED) {
        PageTable table = domain.stage() == 0 ? null : table(domain);
        add(new VtdDomain(core, domain.spec(null), domain.did(), table), domains);
        domains.get(domain.did()).adoptTracking(domain.tracksDirty());
      }
    }
    for (HandOver.DomainState domain : state.domains()) {
      if (domain.type() == DomainSpec.Type.NESTED) {
        DomainSpec spec = domain.spec(domains.get(domain.parentDid()));
        FirstStage first = FirstStage.ofEntryWord(domain.firstStage());
        add(VtdDomain.nested(core, spec, domain.did(), first), domains);
      }
    }
    return domains;
  }

  private void add(VtdDomain domain, Map<Integer, VtdDomain> domains) {
    core.add(domain);
    domains.put(domain.did(), domain);
  }

  private PageTable table(HandOver.DomainState domain) {
    VtdTableFormat format =
        domain.stage() == 1
            ? VtdTableFormat.firstStage(
                core.claims(), domain.levels(), domain.flags().contains(DomainFlag.DIRTY_TRACKING))
            : VtdTableFormat.secondStage(
                core.claims(),
                domain.levels(),
                domain.flags().contains(DomainFlag.ENFORCE_SNOOP),
                domain.flags().contains(DomainFlag.DIRTY_TRACKING));
    PageTable table = new PageTable(core.tables(), format, domain.root());
    table.countAdopted();
    return table;
  }

  private List<DriverDevice> adoptDevices(HandOver state, Map<Integer, VtdDomain> domains) {
    List<DriverDevice> devices = new ArrayList<>();
    for (HandOver.DeviceState known : state.devices()) {
      VtdDevice device = driver.add(known.facts());
      if (known.directory() != 0 && device.places() instanceof ScalablePlaces places) {
        places.adopt(known.directory());
      }
      known.attachments().forEach((pasid, did) -> device.adopted(pasid, domains.get(did)));
      device.adoptedSwitches();
      devices.add(device);
    }
    return devices;
  }
}
