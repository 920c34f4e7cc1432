package org.ioasis.vtd.driver;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.ioasis.api.Blob;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.driver.AdoptReport;
import org.ioasis.api.driver.BatchResult;
import org.ioasis.api.driver.DeviceFacts;
import org.ioasis.api.driver.DomainFlag;
import org.ioasis.api.driver.DomainSpec;
import org.ioasis.api.driver.DriverCapabilities;
import org.ioasis.api.driver.DriverDevice;
import org.ioasis.api.driver.DriverDomain;
import org.ioasis.api.driver.DriverState;
import org.ioasis.api.driver.FaultAnswer;
import org.ioasis.api.driver.FaultSink;
import org.ioasis.api.driver.IommuDriver;
import org.ioasis.api.driver.SyncResult;
import org.ioasis.kit.driver.Gate;
import org.ioasis.kit.driver.PageTable;
import org.ioasis.vtd.format.Gcmd;
import org.ioasis.vtd.format.Pmen;
import org.ioasis.vtd.format.RegisterMap;

/**
 * The driver of one VT-d unit, in legacy or scalable mode. VT-d, "Software Usage"; the order of
 * start-up is the one operating systems use.
 *
 * <p><b>Threading:</b> any thread. {@link Gate} keeps life-cycle calls alone; {@code devices} is
 * guarded by itself. Order of locks: gate, device, context tables, ring, command.
 */
final class VtdDriver implements IommuDriver {
  private static final int SOURCE_IDS = 1 << 16;

  private final DriverCore core;
  private final DriverCapabilities capabilities;
  private final ContextTables contexts;
  private final FaultDrain faults;
  private final Map<Integer, VtdDevice> devices = new HashMap<>();

  VtdDriver(DriverCore core) {
    this.core = core;
    this.capabilities = core.claims().neutral();
    this.contexts = new ContextTables(core);
    this.faults = new FaultDrain(core.unit(), core.claims());
    core.gate().outside(faults::run);
  }

  DriverCore core() {
    return core;
  }

  ContextTables contexts() {
    return contexts;
  }

  @Override
  public String unitId() {
    return core.unitId();
  }

  @Override
  public DriverState state() {
    return core.gate().state();
  }

  @Override
  public DriverCapabilities capabilities() {
    return capabilities;
  }

  private void requireNew(String what) {
    if (state() != DriverState.NEW) {
      throw new IoasisException(
          Reason.BUSY,
          "%s refused: the driver of unit %s is %s; make a new one"
              .formatted(what, unitId(), state()));
    }
  }

  @Override
  public void start(FaultSink sink) {
    core.gate().enterAlone();
    try {
      requireNew("start");
      switchOff();
      faults.discard();
      core.ring().start();
      core.unit().mmio().write64(RegisterMap.RTADDR, contexts.start());
      core.unit().takeRootPointer();
      if (!core.claims().rootPointerInvalidates()) {
        invalidateAll();
      }
      startFaults(sink);
      core.unit().level(Gcmd.TE, true);
      core.gate().become(DriverState.RUNNING);
    } finally {
      core.gate().leaveAlone();
    }
  }

  private void startFaults(FaultSink sink) {
    faults.start(
        core.environment()
            .interrupts()
            .allocate(unitId() + ".faults", () -> core.gate().runOutside()),
        sink);
  }

  /** Empties all DMA remapping caches. */
  void invalidateAll() {
    DescriptorList list = new DescriptorList().contextGlobal();
    if (core.claims().scalable()) {
      list.pasidGlobal();
    }
    core.ring().run(list.iotlbGlobal());
  }

  /** Takes whatever the unit was doing away from it. */
  private void switchOff() {
    UnitAccess unit = core.unit();
    for (var level : List.of(Gcmd.TE, Gcmd.IRE)) {
      if (unit.status(level)) {
        unit.level(level, false);
      }
    }
    if (unit.status(Gcmd.QIE)) {
      unit.await(this::isQueueEmpty);
      unit.level(Gcmd.QIE, false);
    }
    if (Pmen.EPM.isSet(unit.mmio().read32(RegisterMap.PMEN))) {
      unit.mmio().write32(RegisterMap.PMEN, 0);
      unit.require(() -> !Pmen.PRS.isSet(unit.mmio().read32(RegisterMap.PMEN)), "PMEN.PRS=0");
    }
  }

  private boolean isQueueEmpty() {
    return core.unit().mmio().read64(RegisterMap.IQH) == core.unit().mmio().read64(RegisterMap.IQT);
  }

  @Override
  public AdoptReport adopt(Blob handOver, FaultSink sink) {
    core.gate().enterAlone();
    try {
      requireNew("adopt");
      AdoptReport report = new Adoption(this, handOver).run();
      startFaults(sink);
      core.gate().become(DriverState.RUNNING);
      core.gate().runOutside(); // what was recorded while nobody listened
      return report;
    } finally {
      core.gate().leaveAlone();
    }
  }

  @Override
  public Blob handOver() {
    core.gate().enterAlone();
    try {
      requireRunning("hand-over");
      core.ring().run(new DescriptorList());
      Blob blob = HandOver.of(this).write();
      faults.leaveRecords();
      faults.stop();
      devices().forEach(VtdDevice::abandon);
      core.domains().values().forEach(VtdDomain::abandon);
      core.gate().become(DriverState.HANDED_OVER);
      return blob;
    } finally {
      core.gate().leaveAlone();
    }
  }

  private void requireRunning(String what) {
    if (state() != DriverState.RUNNING) {
      throw new IoasisException(
          Reason.GONE,
          "%s refused: the driver of unit %s is %s, not RUNNING"
              .formatted(what, unitId(), state()));
    }
  }

  @Override
  public SyncResult stop() {
    core.gate().enterAlone();
    try {
      requireRunning("stop");
      devices().forEach(VtdDevice::block);
      synchronized (devices) {
        devices.clear();
      }
      core.domains().values().forEach(VtdDomain::end);
      core.unit().level(Gcmd.TE, false);
      core.ring().stop();
      faults.stop();
      contexts.free();
      core.gate().become(DriverState.STOPPED);
      core.gate().runOutside(); // the last records
      return SyncResult.COMPLETE;
    } finally {
      core.gate().leaveAlone();
    }
  }

  @Override
  public void close() {
    if (state() == DriverState.RUNNING) {
      stop();
    }
  }

  @Override
  public DriverDomain createDomain(DomainSpec spec) {
    core.gate().enter("domain");
    try {
      checkFlags(spec);
      int did = core.takeDid();
      boolean made = false;
      try {
        VtdDomain domain = make(spec, did);
        core.add(domain);
        made = true;
        return domain;
      } finally {
        if (!made) {
          core.giveBack(did);
        }
      }
    } finally {
      core.gate().leave();
    }
  }

  private IoasisException unsupported(String what, String bit) {
    return new IoasisException(
        Reason.UNSUPPORTED, "%s refused: unit %s %s".formatted(what, unitId(), bit));
  }

  private void checkFlags(DomainSpec spec) {
    Set<DomainFlag> flags = spec.flags();
    if (flags.contains(DomainFlag.NEST_PARENT) || flags.contains(DomainFlag.USER_PASID_TABLE)) {
      throw unsupported("nesting", "does not offer ECAP.NEST to this driver");
    }
    if (flags.contains(DomainFlag.DIRTY_TRACKING)) {
      throw unsupported("DIRTY_TRACKING", "does not offer ECAP.SSADS to this driver");
    }
    if (flags.contains(DomainFlag.FAULT_CAPABLE)) {
      throw unsupported("FAULT_CAPABLE", "does not offer ECAP.PRS to this driver");
    }
    if (flags.contains(DomainFlag.PASID) && core.claims().pasidBits() == 0) {
      throw unsupported("PASID", "does not offer ECAP.PASID with ECAP.SMTS");
    }
    if (flags.contains(DomainFlag.ENFORCE_SNOOP) && !core.claims().snoopControl()) {
      throw unsupported("ENFORCE_SNOOP", "has ECAP.SC=0");
    }
    if (spec.data() != null) {
      throw unsupported("domain data of type " + spec.data().type(), "takes none");
    }
  }

  private VtdDomain make(DomainSpec spec, int did) {
    return switch (spec.type()) {
      case NESTED -> throw unsupported("NESTED", "does not offer ECAP.NEST to this driver");
      case IDENTITY -> {
        if (!core.claims().passThrough()) {
          throw unsupported("IDENTITY", "has ECAP.PT=0");
        }
        yield new VtdDomain(core, spec, did, null);
      }
      case BLOCKED -> new VtdDomain(core, spec, did, null);
      case PAGING -> {
        yield new VtdDomain(core, spec, did, PageTable.empty(core.tables(), format(spec)));
      }
    };
  }

  /** The format a paging domain gets: second stage unless only the first is there or asked for. */
  VtdTableFormat format(DomainSpec spec) {
    Claims claims = core.claims();
    int stage = spec.stage() != 0 ? spec.stage() : claims.secondStage() ? 2 : 1;
    if (stage == 1) {
      if (!claims.firstStage()) {
        throw unsupported("first stage", "does not offer ECAP.FSTS in the mode it runs in");
      }
      if (spec.inputBits() > claims.firstStageBits()) {
        throw unsupported(
            "first stage of %d bits".formatted(spec.inputBits()),
            "translates %d with 4-level tables".formatted(claims.firstStageBits()));
      }
      return VtdTableFormat.firstStage(claims);
    }
    int levels = claims.secondStage() ? claims.secondStageLevels(spec.inputBits()) : 0;
    if (levels == 0) {
      throw unsupported(
          "second stage of %d bits".formatted(spec.inputBits()),
          "does not offer it by ECAP.SSTS, CAP.SAGAW and CAP.MGAW");
    }
    return VtdTableFormat.secondStage(
        claims, levels, spec.flags().contains(DomainFlag.ENFORCE_SNOOP));
  }

  @Override
  public DriverDevice addDevice(DeviceFacts facts) {
    core.gate().enter("device");
    try {
      return add(facts);
    } finally {
      core.gate().leave();
    }
  }

  /** Makes a device known; the caller is inside. */
  VtdDevice add(DeviceFacts facts) {
    List<Integer> ids = VtdDevice.sourceIds(facts);
    synchronized (devices) {
      for (int id : ids) {
        if (id < 0 || id >= SOURCE_IDS) {
          throw new IoasisException(
              Reason.INVALID,
              "device refused: source id 0x%x is beyond the 16 bits of unit %s"
                  .formatted(id, unitId()));
        }
        if (devices.containsKey(id)) {
          throw new IoasisException(
              Reason.EXISTS,
              "device refused: source id 0x%04x of unit %s is known; close its device first"
                  .formatted(id, unitId()));
        }
      }
      DevicePlaces places =
          core.claims().scalable()
              ? new ScalablePlaces(core, contexts, ids, VtdDevice.pasidBits(core.claims(), facts))
              : new LegacyPlaces(core, contexts, ids);
      VtdDevice device = new VtdDevice(this, facts, places);
      ids.forEach(id -> devices.put(id, device));
      return device;
    }
  }

  /** Forgets a device that is closed. */
  void forget(VtdDevice device) {
    synchronized (devices) {
      devices.values().removeIf(device::equals);
    }
  }

  /** The known devices; a copy. */
  Set<VtdDevice> devices() {
    synchronized (devices) {
      return new LinkedHashSet<>(new HashSet<>(devices.values()));
    }
  }

  @Override
  public SyncResult drain(int sourceId, int pasid) {
    core.gate().enter("drain");
    try {
      core.ring().run(new DescriptorList());
    } finally {
      core.gate().leave();
    }
    faults.runNow();
    return SyncResult.COMPLETE;
  }

  @Override
  public BatchResult respond(List<FaultAnswer> answers) {
    if (answers.isEmpty()) {
      return BatchResult.all(0);
    }
    return new BatchResult(
        0,
        Reason.UNSUPPORTED,
        "answer refused: unit %s does not offer ECAP.PRS to this driver, so nothing waits"
            .formatted(unitId()),
        answers.get(0).sourceId());
  }

  @Override
  public <T> Optional<T> capability(Class<T> type) {
    return Optional.empty();
  }

  @Override
  public Map<String, Long> counters() {
    Map<String, Long> counters = new LinkedHashMap<>();
    core.ring().count(counters);
    core.tables().count(counters);
    core.structures().count(counters);
    faults.count(counters);
    return counters;
  }
}
