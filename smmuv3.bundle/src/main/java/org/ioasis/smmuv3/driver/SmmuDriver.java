package org.ioasis.smmuv3.driver;

import java.util.ArrayList;
import java.util.HashMap;
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
import org.ioasis.api.driver.IommuDriver;
import org.ioasis.api.driver.SyncResult;
import org.ioasis.api.driver.VirtualIommuSupport;
import org.ioasis.api.machine.InterruptSource;
import org.ioasis.api.machine.PageResponse;
import org.ioasis.smmuv3.format.Cr0;
import org.ioasis.smmuv3.format.Cr2;
import org.ioasis.smmuv3.format.IrqCtrl;
import org.ioasis.smmuv3.format.RegisterMap;

/**
 * The driver of one SMMU. "Initialization"; the order of start-up is the one operating systems use.
 *
 * <p><b>Threading:</b> any thread. The gate keeps life-cycle calls alone; {@code devices} is
 * guarded by itself. Order of locks: gate, device, stream table, command queue, handshakes.
 */
final class SmmuDriver implements IommuDriver {
  /** Write-back, inner shareable, for queues and tables. */
  private static final int CR1_WRITE_BACK = 0xD75;

  /** CMD_PRI_RESP codes. */
  private static final int RESPONSE_FAILURE = 0, INVALID_REQUEST = 1, SUCCESS = 2;

  private final DriverCore core;
  private final DriverCapabilities capabilities;
  private final StreamTable streams;
  private final DomainMaker maker;
  private final VirtualSmmus guests;
  private final Map<Integer, SmmuDevice> devices = new HashMap<>();
  private final List<InterruptSource.Vector> vectors = new ArrayList<>();

  SmmuDriver(DriverCore core) {
    this.core = core;
    this.capabilities = core.claims().neutral();
    this.streams = new StreamTable(core);
    this.maker = new DomainMaker(core);
    this.guests = new VirtualSmmus(core, maker);
    core.drain().guests(guests::claim);
    core.gate().outside(core.drain()::run);
  }

  DriverCore core() {
    return core;
  }

  StreamTable streams() {
    return streams;
  }

  DomainMaker maker() {
    return maker;
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
      unit.write32(RegisterMap.CR1, CR1_WRITE_BACK);
      unit.write32(RegisterMap.CR2, Cr2.PTM.mask() | Cr2.RECINVSID.mask());
      streams.start();
      core.commands().place();
      unit.level(Cr0.CMDQEN, true);
      core.commands().run(new CommandList().allConfiguration().allTranslations());
      core.events().start();
      if (core.pages() != null) {
        core.pages().start();
      }
      if (core.claims().ats()) {
        unit.level(Cr0.ATSCHK, true);
      }
      listen(sink);
      unit.level(Cr0.SMMUEN, true);
      core.gate().become(DriverState.RUNNING);
    } finally {
      core.gate().leaveAlone();
    }
  }

  /** Programs the unit&#39;s messages, if it has any, and takes records from now on. */
  private void listen(FaultSink sink) {
    UnitAccess unit = core.unit();
    unit.interrupts(0);
    if (core.claims().messages()) {
      long enable = IrqCtrl.EVENTQ_IRQEN.mask() | IrqCtrl.GERROR_IRQEN.mask();
      unit.message(RegisterMap.EVENTQ_IRQ_CFG0, vector("events"));
      unit.message(RegisterMap.GERROR_IRQ_CFG0, vector("errors"));
      if (core.pages() != null) {
        unit.message(RegisterMap.PRIQ_IRQ_CFG0, vector("pages"));
        enable |= IrqCtrl.PRIQ_IRQEN.mask();
      }
      unit.interrupts(enable);
    }
    core.drain().sink(sink);
  }

  private InterruptSource.Vector vector(String name) {
    InterruptSource.Vector vector =
        core.environment()
            .interrupts()
            .allocate(unitId() + "." + name, () -> core.gate().runOutside());
    vectors.add(vector);
    return vector;
  }

  private void deafen() {
    core.unit().interrupts(0);
    vectors.forEach(InterruptSource.Vector::close);
    vectors.clear();
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
      core.commands().run(new CommandList());
      Blob blob = HandOver.of(this).write();
      core.drain().sink(null);
      deafen();
      devices().forEach(SmmuDevice::abandon);
      core.domains().forEach(SmmuDomain::abandon);
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
      for (SmmuDevice device : devices()) {
        unanswered.addAll(device.block().unanswered());
      }
      synchronized (devices) {
        devices.clear();
      }
      List<SmmuDomain> left = new ArrayList<>(core.domains());
      left.stream().filter(SmmuDomain::isNested).forEach(SmmuDomain::end);
      left.forEach(SmmuDomain::end);
      core.drain().read(); // the last records are handed over outside
      deafen();
      core.unit().switchOff();
      streams.free();
      core.commands().free();
      core.events().free();
      if (core.pages() != null) {
        core.pages().free();
      }
      core.gate().become(DriverState.STOPPED);
      return new SyncResult(List.copyOf(unanswered));
    } finally {
      core.gate().leaveAlone();
      core.drain().handOnly();
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
    return SmmuDevice.isFaultCapable(facts, core.claims());
  }

  /** Makes a device known; the caller is inside. */
  SmmuDevice add(DeviceFacts facts) {
    List<Integer> ids = SmmuDevice.sourceIds(facts);
    synchronized (devices) {
      for (int id : ids) {
        if (devices.containsKey(id)) {
          throw new IoasisException(
              Reason.EXISTS,
              "device refused: StreamID 0x%x of unit %s is known; close its device first"
                  .formatted(id, unitId()));
        }
      }
      ids.forEach(streams::entry); // its table is there, or it is refused
      SmmuDevice device = new SmmuDevice(this, facts);
      ids.forEach(id -> devices.put(id, device));
      return device;
    }
  }

  /** Forgets a device that is closed. */
  void forget(SmmuDevice device) {
    guests.forget(device);
    synchronized (devices) {
      devices.values().removeIf(device::equals);
    }
  }

  /** The known devices; a copy. */
  Set<SmmuDevice> devices() {
    synchronized (devices) {
      return new LinkedHashSet<>(devices.values());
    }
  }

  @Override
  public SyncResult drain(int sourceId, int pasid) {
    core.gate().enter("drain");
    try {
      core.commands().run(new CommandList());
    } finally {
      core.gate().leave();
    }
    core.drain().runNow(core.unit().waiting());
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
      add(list, answer);
      good++;
    }
    if (list.count() > 0) {
      core.gate().enter("answer");
      try {
        core.commands().run(list);
      } finally {
        core.gate().leave();
      }
    }
    return refusal == null ? BatchResult.all(good) : refusal;
  }

  /** A stall that has ended by itself counts as answered: its tag may name another one by now. */
  private void add(CommandList list, FaultAnswer answer) {
    if (answer.kind() == FaultKind.PAGE_REQUEST) {
      list.respond(answer.sourceId(), answer.pasid(), answer.group(), code(answer));
    } else if (core.drain().answer(answer.sourceId(), answer.group())) {
      boolean retry = answer.code() == PageResponse.Code.SUCCESS;
      list.resume(answer.sourceId(), answer.group(), retry);
    }
  }

  private BatchResult objection(FaultAnswer answer, int done) {
    boolean known;
    synchronized (devices) {
      known = devices.containsKey(answer.sourceId());
    }
    boolean offered =
        answer.kind() == FaultKind.PAGE_REQUEST ? core.pages() != null : core.claims().stalls();
    if (!offered) {
      return new BatchResult(
          done,
          Reason.UNSUPPORTED,
          "answer refused: unit %s has IDR0.PRI or STALL_MODEL without %s"
              .formatted(unitId(), answer.kind()),
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
      case SUCCESS -> SUCCESS;
      case INVALID_REQUEST -> INVALID_REQUEST;
      case RESPONSE_FAILURE -> RESPONSE_FAILURE;
    };
  }

  @Override
  public <T> Optional<T> capability(Class<T> type) {
    boolean offered = type == VirtualIommuSupport.class && core.claims().nesting();
    return offered ? Optional.of(type.cast(guests)) : Optional.empty();
  }

  @Override
  public Map<String, Long> counters() {
    Map<String, Long> counters = new LinkedHashMap<>();
    core.commands().count(counters);
    core.tables().count(counters);
    core.drain().count(counters);
    return counters;
  }
}
