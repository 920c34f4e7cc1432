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
import org.ioasis.api.driver.DomainSpec;
import org.ioasis.api.driver.DriverCapabilities;
import org.ioasis.api.driver.DriverDevice;
import org.ioasis.api.driver.DriverDomain;
import org.ioasis.api.driver.DriverState;
import org.ioasis.api.driver.FaultAnswer;
import org.ioasis.api.driver.FaultKind;
import org.ioasis.api.driver.FaultSink;
import org.ioasis.api.driver.InterruptRemapping;
import org.ioasis.api.driver.IommuDriver;
import org.ioasis.api.driver.PasidCommands;
import org.ioasis.api.driver.SyncResult;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.kit.driver.Gate;
import org.ioasis.vtd.format.Gcmd;
import org.ioasis.vtd.format.Pmen;
import org.ioasis.vtd.format.RegisterMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The driver of one VT-d unit, in legacy or scalable mode. VT-d, "Software Usage"; the order of
 * start-up is the one operating systems use.
 *
 * <p><b>Threading:</b> any thread. {@link Gate} keeps life-cycle calls alone; {@code devices} is
 * guarded by itself. Order of locks: gate, device, context tables, ring, command.
 */
final class VtdDriver implements IommuDriver {
  private static final Logger LOG = LoggerFactory.getLogger(VtdDriver.class);
  private static final int SOURCE_IDS = 1 << 16;

  private final DriverCore core;
  private final DriverCapabilities capabilities;
  private final ContextTables contexts;
  private final DomainMaker maker;
  private final FaultDrain faults;

  /** The page request queue; null unless the unit can ask for pages. */
  private final PageRequestDrain pages;

  /** PASIDs from the unit; null unless it hands them out. */
  private final VirtualCommands pasidCommands;

  /** Interrupt remapping; null unless the unit offers it. */
  private final InterruptTable interrupts;

  private final Map<Integer, VtdDevice> devices = new HashMap<>();

  VtdDriver(DriverCore core) {
    this.core = core;
    this.capabilities = core.claims().neutral();
    this.contexts = new ContextTables(core);
    this.maker = new DomainMaker(core);
    this.faults = new FaultDrain(core.unit(), core.claims());
    this.pages = core.claims().pageRequests() ? new PageRequestDrain(core, this::isKnown) : null;
    this.pasidCommands = VirtualCommands.isOffered(core) ? new VirtualCommands(core) : null;
    this.interrupts = core.claims().interruptRemapping() ? new InterruptTable(core) : null;
    core.gate().outside(this::runDrains);
  }

  private void runDrains() {
    faults.run();
    if (pages != null) {
      pages.run();
    }
  }

  private boolean isKnown(int sourceId) {
    synchronized (devices) {
      return devices.containsKey(sourceId);
    }
  }

  /** The page request queue; null unless the unit can ask for pages. */
  PageRequestDrain pages() {
    return pages;
  }

  /** Interrupt remapping; null unless the unit offers it. */
  InterruptTable interrupts() {
    return interrupts;
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
      boolean started = false;
      try {
        switchOn(sink);
        started = true;
      } finally {
        if (!started) {
          giveUp();
        }
      }
      core.gate().become(DriverState.RUNNING);
    } finally {
      core.gate().leaveAlone();
    }
  }

  /** Takes back what a start that failed has made; a unit that does not let go keeps its frames. */
  private void giveUp() {
    try {
      switchOff();
      core.ring().giveBack();
      if (pages != null) {
        pages.stop();
        pages.freeQueue();
      }
      faults.stop();
      contexts.free();
    } catch (IoasisException e) {
      LOG.warn("unit {} does not let go of a start that failed", unitId(), e);
    }
  }

  private void switchOn(FaultSink sink) {
    core.ring().start();
    if (pages != null) {
      pages.makeQueue();
    }
    core.unit().mmio().write64(RegisterMap.RTADDR, contexts.start());
    core.unit().takeRootPointer();
    if (!core.claims().rootPointerInvalidates()) {
      invalidateAll();
    }
    startFaults(sink);
    core.unit().level(Gcmd.TE, true);
  }

  private void startFaults(FaultSink sink) {
    faults.start(
        core.environment()
            .interrupts()
            .allocate(unitId() + ".faults", () -> core.gate().runOutside()),
        sink);
    if (pages != null) {
      pages.start(
          core.environment()
              .interrupts()
              .allocate(unitId() + ".pages", () -> core.gate().runOutside()),
          sink);
    }
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
      if (pages != null) {
        pages.leaveRequests();
        pages.stop();
      }
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
      SyncResult result = SyncResult.COMPLETE;
      for (VtdDevice device : devices()) {
        result = DriverCore.both(result, device.block());
      }
      core.domains().values().forEach(VtdDomain::end);
      if (interrupts != null) {
        interrupts.stop();
      }
      core.unit().level(Gcmd.TE, false);
      core.ring().stop();
      faults.stop();
      if (pages != null) {
        pages.stop();
        pages.freeQueue();
      }
      synchronized (devices) {
        devices.clear();
      }
      contexts.free();
      core.gate().become(DriverState.STOPPED);
      core.gate().runOutside(); // the last records
      return result;
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
      return maker.make(spec);
    } finally {
      core.gate().leave();
    }
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

  @Override
  public boolean isFaultCapable(DeviceFacts facts) {
    return DeviceUse.of(core.claims(), facts).pageRequests();
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
              ? new ScalablePlaces(core, contexts, ids, DeviceUse.of(core.claims(), facts))
              : new LegacyPlaces(core, contexts, ids, DeviceUse.of(core.claims(), facts));
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
    SyncResult result = SyncResult.COMPLETE;
    core.gate().enter("drain");
    try {
      VtdDevice device;
      synchronized (devices) {
        device = devices.get(sourceId);
      }
      result = device == null ? core.run(new DescriptorList()) : device.drain(pasid);
    } finally {
      core.gate().leave();
    }
    faults.runNow();
    if (pages != null) {
      pages.runNow();
    }
    return result;
  }

  @Override
  public BatchResult respond(List<FaultAnswer> answers) {
    int good = 0;
    while (good < answers.size() && objection(answers.get(good)).isEmpty()) {
      good++;
    }
    if (good > 0) {
      core.gate().enter("answer");
      try {
        pages.send(answers.subList(0, good));
      } finally {
        core.gate().leave();
      }
    }
    if (good == answers.size()) {
      return BatchResult.all(good);
    }
    FaultAnswer bad = answers.get(good);
    return new BatchResult(
        good,
        bad.kind() == FaultKind.STALL || pages == null ? Reason.UNSUPPORTED : Reason.INVALID,
        "answer for device 0x%04x refused: %s".formatted(bad.sourceId(), objection(bad)),
        bad.sourceId());
  }

  /** Why an answer cannot be sent; empty if it can. */
  private String objection(FaultAnswer answer) {
    if (pages == null) {
      return "unit %s does not offer ECAP.DT, PRS and PDS in scalable mode".formatted(unitId());
    }
    if (answer.kind() == FaultKind.STALL) {
      return "unit %s stalls nothing".formatted(unitId());
    }
    boolean fits =
        answer.sourceId() >>> 16 == 0
            && answer.group() >>> 9 == 0
            && (answer.pasid() == DmaRequest.NO_PASID || answer.pasid() >>> 20 == 0);
    return fits ? "" : "its ids are beyond 16, 9 and 20 bits";
  }

  @Override
  public <T> Optional<T> capability(Class<T> type) {
    if (type == PasidCommands.class) {
      return Optional.ofNullable(pasidCommands).map(type::cast);
    }
    if (type == InterruptRemapping.class) {
      return Optional.ofNullable(interrupts).map(type::cast);
    }
    return Optional.empty();
  }

  @Override
  public Map<String, Long> counters() {
    Map<String, Long> counters = new LinkedHashMap<>();
    core.ring().count(counters);
    core.tables().count(counters);
    core.structures().count(counters);
    faults.count(counters);
    if (pages != null) {
      pages.count(counters);
    }
    return counters;
  }
}
