package org.ioasis.amdvi.driver;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.ioasis.amdvi.format.CompletePprRequest;
import org.ioasis.amdvi.format.Control;
import org.ioasis.amdvi.format.Efr2;
import org.ioasis.amdvi.format.Status;
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
import org.ioasis.api.driver.SyncResult;
import org.ioasis.api.machine.InterruptSource;

/**
 * The driver of one AMD-Vi unit. "Initialization"; the order of start-up is the one operating
 * systems use.
 *
 * <p><b>Threading:</b> any thread. The gate keeps life-cycle calls alone; {@code devices} is
 * guarded by itself. Order of locks: gate, interrupts, device, command ring, control.
 */
final class AmdViDriver implements IommuDriver {
  private static final int DEVICE_IDS = 1 << 16;

  /** InvTimeOut code 4: 1 s; a host that does other work stops a device's thread for 100 ms. */
  private static final int TIMEOUT_1_S = 4;

  private final DriverCore core;
  private final DriverCapabilities capabilities;
  private final DeviceTable table;
  private final InterruptTables interrupts;
  private final DomainMaker maker;
  private final Map<Integer, AmdDevice> devices = new HashMap<>();
  private InterruptSource.Vector vector;

  AmdViDriver(DriverCore core) {
    this.core = core;
    this.capabilities = core.claims().neutral();
    this.table = new DeviceTable(core);
    this.interrupts = new InterruptTables(core);
    this.maker = new DomainMaker(core);
    core.gate().outside(core.logs()::run);
  }

  DriverCore core() {
    return core;
  }

  DeviceTable table() {
    return table;
  }

  InterruptTables interrupts() {
    return interrupts;
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
      UnitAccess unit = core.unit();
      unit.switchOff();
      table.start();
      core.ring().place();
      core.events().place();
      if (core.pages() != null) {
        core.pages().place();
      }
      listen(sink);
      unit.control(features(), true);
      unit.control(Control.IOMMU_EN.mask(), true);
      unit.ring(Control.CMD_BUF_EN, Status.CMD_BUF_RUN, true);
      core.events().on();
      if (core.pages() != null) {
        core.pages().on();
      }
      core.emptyCaches();
      core.gate().become(DriverState.RUNNING);
    } finally {
      core.gate().leaveAlone();
    }
  }

  /** What is switched on beside the rings. */
  private long features() {
    Claims claims = core.claims();
    long bits = Control.INV_TIME_OUT.of(TIMEOUT_1_S) | Control.EVENT_INT_EN.mask();
    bits |= claims.guestTables() ? Control.GT_EN.mask() : 0;
    bits |= claims.pageRequests() ? Control.PPR_EN.mask() | Control.PPR_INT_EN.mask() : 0;
    bits |= Efr2.GCR3_TRP_MODE_SUP.isSet(claims.efr2()) ? Control.GCR3_TRP_MODE.mask() : 0;
    return bits;
  }

  /** Programs the unit&#39;s message, if it has a place for it, and takes records from now on. */
  private void listen(FaultSink sink) {
    if (core.claims().messages()) {
      vector =
          core.environment()
              .interrupts()
              .allocate(unitId() + ".logs", () -> core.gate().runOutside());
      core.unit().message(vector);
    }
    core.logs().sink(sink);
  }

  private void deafen() {
    if (vector != null) {
      core.unit().noMessage();
      vector.close();
      vector = null;
    }
  }

  @Override
  public AdoptReport adopt(Blob handOver, FaultSink sink) {
    core.gate().enterAlone();
    try {
      requireNew("adopt");
      AdoptReport report = new Adoption(this, handOver).run();
      listen(sink);
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
      core.ring().run(new CommandList());
      Blob blob = HandOver.of(this).write();
      core.logs().sink(null);
      deafen();
      devices().forEach(AmdDevice::abandon);
      core.domains().forEach(AmdDomain::abandon);
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
      Set<Integer> unanswered = new LinkedHashSet<>();
      for (AmdDevice device : devices()) {
        unanswered.addAll(device.block().unanswered());
        interrupts.forget(device);
      }
      synchronized (devices) {
        devices.clear();
      }
      List<AmdDomain> left = new ArrayList<>(core.domains());
      left.stream().filter(AmdDomain::isNested).forEach(AmdDomain::end);
      left.forEach(AmdDomain::end);
      core.logs().read(); // the last records are handed over outside
      deafen();
      core.unit().switchOff();
      table.free();
      core.ring().free();
      core.events().free();
      if (core.pages() != null) {
        core.pages().free();
      }
      core.gate().become(DriverState.STOPPED);
      return new SyncResult(List.copyOf(unanswered));
    } finally {
      core.gate().leaveAlone();
      core.logs().handOnly();
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
    return AmdDevice.isFaultCapable(facts, core.claims());
  }

  /** Makes a device known; the caller is inside. */
  AmdDevice add(DeviceFacts facts) {
    List<Integer> ids = AmdDevice.sourceIds(facts);
    synchronized (devices) {
      for (int id : ids) {
        if (id < 0 || id >= DEVICE_IDS) {
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
      AmdDevice device = new AmdDevice(this, facts);
      ids.forEach(id -> devices.put(id, device));
      return device;
    }
  }

  /** Forgets a device that is closed. */
  void forget(AmdDevice device) {
    interrupts.forget(device);
    synchronized (devices) {
      devices.values().removeIf(device::equals);
    }
  }

  /** The known devices; a copy. */
  Set<AmdDevice> devices() {
    synchronized (devices) {
      return new LinkedHashSet<>(devices.values());
    }
  }

  @Override
  public SyncResult drain(int sourceId, int pasid) {
    core.gate().enter("drain");
    try {
      core.ring().run(new CommandList());
    } finally {
      core.gate().leave();
    }
    core.logs().runNow(core.unit().waiting());
    return SyncResult.COMPLETE;
  }

  @Override
  public BatchResult respond(List<FaultAnswer> answers) {
    CommandList list = new CommandList();
    int good = 0;
    BatchResult refusal = null;
    for (FaultAnswer answer : answers) {
      refusal = objection(answer, good);
      if (refusal != null) {
        break;
      }
      list.completePpr(answer.sourceId(), answer.pasid(), answer.group(), code(answer));
      good++;
    }
    if (good > 0) {
      core.gate().enter("answer");
      try {
        core.run(list);
      } finally {
        core.gate().leave();
      }
    }
    return refusal == null ? BatchResult.all(good) : refusal;
  }

  private BatchResult objection(FaultAnswer answer, int done) {
    boolean known;
    synchronized (devices) {
      known = devices.containsKey(answer.sourceId());
    }
    if (answer.kind() != FaultKind.PAGE_REQUEST || core.pages() == null) {
      return new BatchResult(
          done,
          Reason.UNSUPPORTED,
          "answer refused: unit %s takes page requests only, with EFR.PPRSup".formatted(unitId()),
          answer.sourceId());
    }
    if (!known) {
      return new BatchResult(
          done,
          Reason.NOT_FOUND,
          "answer refused: device 0x%x is not known to unit %s"
              .formatted(answer.sourceId(), unitId()),
          answer.sourceId());
    }
    return null;
  }

  private static int code(FaultAnswer answer) {
    return switch (answer.code()) {
      case SUCCESS -> CompletePprRequest.SUCCESS;
      case INVALID_REQUEST -> CompletePprRequest.INVALID_REQUEST;
      case RESPONSE_FAILURE -> CompletePprRequest.FAILURE;
    };
  }

  @Override
  public <T> Optional<T> capability(Class<T> type) {
    return type == InterruptRemapping.class ? Optional.of(type.cast(interrupts)) : Optional.empty();
  }

  @Override
  public Map<String, Long> counters() {
    Map<String, Long> counters = new LinkedHashMap<>();
    core.ring().count(counters);
    core.tables().count(counters);
    core.logs().count(counters);
    return counters;
  }

  @Override
  public String toString() {
    return "driver of unit %s, domains %s"
        .formatted(
            unitId(), Arrays.toString(core.domains().stream().mapToInt(AmdDomain::id).toArray()));
  }
}
