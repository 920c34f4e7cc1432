package org.ioasis.domain.unit;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
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
import org.ioasis.api.driver.DriverEnvironment;
import org.ioasis.api.driver.DriverFactory;
import org.ioasis.api.driver.FaultAnswer;
import org.ioasis.api.driver.FaultSink;
import org.ioasis.api.driver.IommuDriver;
import org.ioasis.api.driver.SyncResult;
import org.ioasis.api.machine.Machine;
import org.ioasis.api.machine.Mmio;
import org.ioasis.api.machine.PortControl;
import org.ioasis.api.memory.FrameAllocator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One installed unit and, while a factory of its kind is there, the driver that serves it.
 *
 * <p><b>Containment.</b> Every call into the driver goes through {@link #call} or between {@link
 * #enter} and {@link #leave}. A driver that throws anything but a refusal, or says that the unit
 * stopped, has failed: from that moment no call reaches it, its ports are blocked and their bursts
 * ended before the caller hears of it. It serves again after a fresh start only.
 *
 * <p><b>Epoch.</b> A fresh start empties the unit; domains and devices made before are of an
 * earlier epoch and refuse. A hand-over keeps the epoch: they go on with the successor.
 *
 * <p><b>Threading:</b> any thread, outside bursts. {@link LifeLock} keeps life-cycle changes apart
 * from calls; {@code state} and {@code driver} are written under it, except that a failure turns
 * {@code state} to FAILED at once, whoever meets it.
 */
public final class UnitHost {
  private static final Logger LOG = LoggerFactory.getLogger(UnitHost.class);

  /** Where a unit is with its driver. */
  public enum State {
    /** Installed, never driven. */
    IDLE,
    /** Served. */
    RUNNING,
    /** Translates on, its driver has let go and waits for a successor. */
    ALONE,
    /** Its driver threw; its ports are blocked. */
    FAILED,
    /** Has left the machine. */
    GONE
  }

  private final Machine machine;
  private final String unitId;
  private final String kind;
  private final UnitListener listener;
  private final EnableBits bits;
  private final UnitSink sink;
  private final LifeLock life = new LifeLock();
  private final Map<Long, HostedDomain> domains = new ConcurrentHashMap<>();
  private final Map<Integer, HostedDevice> devices = new ConcurrentHashMap<>();
  private final List<FrameAllocator> wrecks = new ArrayList<>();
  private final AtomicLong failures = new AtomicLong();
  private final AtomicLong starts = new AtomicLong();
  private final AtomicLong adoptions = new AtomicLong();
  private volatile State state = State.IDLE;
  private volatile long epoch;
  private volatile IommuDriver driver;
  private volatile DriverCapabilities capabilities;
  private volatile FrameAllocator frames;
  private DriverFactory factory;
  private Blob handOver;

  UnitHost(
      Machine machine,
      String unitId,
      String kind,
      UnitListener listener,
      EnableBits bits,
      Consumer<FaultAnswer> answers) {
    this.bits = bits;
    this.machine = machine;
    this.unitId = unitId;
    this.kind = kind;
    this.listener = listener;
    this.sink = new UnitSink(answers);
  }

  /** Identity of the unit. */
  public String unitId() {
    return unitId;
  }

  /** Kind of the unit. */
  public String kind() {
    return kind;
  }

  /** Where it is. */
  public State state() {
    return state;
  }

  /** Whether a driver serves it. */
  public boolean isServing() {
    return state == State.RUNNING;
  }

  /** Whether what its tables say still holds: served, or translating on without a driver. */
  public boolean isTranslating() {
    State now = state;
    return now == State.RUNNING || now == State.ALONE;
  }

  /** Counts fresh starts. */
  public long epoch() {
    return epoch;
  }

  /**
   * What unit and driver can do; also of a driver that has let go.
   *
   * @throws IoasisException GONE if no driver has ever served the unit
   */
  public DriverCapabilities capabilities() {
    DriverCapabilities known = capabilities;
    if (known == null) {
      throw gone("capabilities");
    }
    return known;
  }

  /** The same, empty if no driver has ever served the unit. */
  public Optional<DriverCapabilities> knownCapabilities() {
    return Optional.ofNullable(capabilities);
  }

  /** Bytes of frames that its drivers hold. */
  public long framesHeld() {
    FrameAllocator held = frames;
    long bytes = held == null ? 0 : held.allocatedBytes();
    synchronized (wrecks) {
      for (FrameAllocator wreck : wrecks) {
        bytes += wreck.allocatedBytes();
      }
    }
    return bytes;
  }

  /** Counters of host and driver, by name. */
  public Map<String, Long> counters() {
    Map<String, Long> counters = new LinkedHashMap<>();
    counters.put("driver.starts", starts.get());
    counters.put("driver.adoptions", adoptions.get());
    counters.put("driver.failures", failures.get());
    sink.count(counters);
    if (isServing()) {
      counters.putAll(call("counters", IommuDriver::counters));
    }
    return counters;
  }

  private IoasisException gone(String what) {
    return new IoasisException(
        Reason.GONE,
        "%s refused: unit %s of kind %s is %s; start a driver for this kind"
            .formatted(what, unitId, kind, state));
  }

  // ---- calls -------------------------------------------------------------------------------

  /**
   * Enters for a series of calls; life-cycle changes wait until {@link #leave}.
   *
   * @throws IoasisException GONE unless a driver serves the unit
   */
  void enter(String what) {
    life.enter();
    if (state != State.RUNNING) {
      life.leave();
      throw gone(what);
    }
  }

  /** Leaves after {@link #enter}. */
  void leave() {
    life.leave();
  }

  /**
   * Calls the driver.
   *
   * @throws IoasisException the driver's refusal; GONE if there is no driver or it threw
   */
  public <T> T call(String what, Function<IommuDriver, T> body) {
    enter(what);
    try {
      return body.apply(driver);
    } catch (RuntimeException | LinkageError | AssertionError e) {
      throw contain(what, e);
    } finally {
      leave();
    }
  }

  /** A refusal as it is; anything else is the end of this driver. */
  RuntimeException contain(String what, Throwable thrown) {
    if (thrown instanceof IoasisException refusal && isRefusal(refusal)) {
      return refusal;
    }
    if (thrown instanceof IllegalStateException misuse && isInsideBurst()) {
      return misuse;
    }
    fail(what, thrown);
    return thrown instanceof IoasisException hardware
        ? hardware
        : new IoasisException(
            Reason.GONE,
            "%s: the driver of unit %s threw %s; its ports are blocked until a driver starts anew"
                .formatted(what, unitId, thrown),
            thrown);
  }

  private boolean isInsideBurst() {
    try {
      machine.fabric().awaitGrace(machine.fabric().graceTicket());
      return false;
    } catch (IllegalStateException e) {
      return true;
    }
  }

  private static boolean isRefusal(IoasisException thrown) {
    return thrown.reason() != Reason.HARDWARE && thrown.reason() != Reason.TIMED_OUT;
  }

  private void fail(String what, Throwable thrown) {
    synchronized (failures) {
      if (state == State.FAILED || state == State.GONE) {
        return;
      }
      state = State.FAILED;
    }
    failures.incrementAndGet();
    blockPorts();
    LOG.error(
        "domain: {}: the driver of unit {} failed; its ports are blocked", what, unitId, thrown);
    listener.failed(this);
  }

  /** Blocks every port that is open for the unit and waits until their bursts have ended. */
  void blockPorts() {
    for (PortControl port : machine.fabric().ports()) {
      if (unitId.equals(port.unitId())) {
        port.block();
      }
    }
    try {
      machine.fabric().awaitGrace(machine.fabric().graceTicket());
    } catch (IllegalStateException e) {
      LOG.error(
          "domain: unit {} was blocked from inside a burst; its grace is not awaited", unitId, e);
    }
  }

  /** Makes a domain. See {@link IommuDriver#createDomain}. */
  public HostedDomain createDomain(DomainSpec spec) {
    return call("domain", d -> admit(d.createDomain(spec)));
  }

  /** Makes a nested domain over one of this unit's. See {@link DomainSpec#nested}. */
  public HostedDomain createNested(HostedDomain parent, Blob data, Set<DomainFlag> flags) {
    return call(
        "nested domain",
        d -> {
          parent.checkEpoch("nested domain");
          return admit(d.createDomain(DomainSpec.nested(parent.target(), data, flags)));
        });
  }

  /** Takes in a domain that the driver made by another way. */
  HostedDomain admit(DriverDomain made) {
    HostedDomain domain = new HostedDomain(this, epoch, made);
    domains.put(domain.key(), domain);
    return domain;
  }

  void forget(HostedDomain domain) {
    domains.remove(domain.key(), domain);
  }

  /** Makes a device known. See {@link IommuDriver#addDevice}. */
  public HostedDevice addDevice(DeviceFacts facts) {
    return call(
        "device",
        d -> {
          HostedDevice device = new HostedDevice(this, epoch, facts, d.addDevice(facts));
          devices.put(facts.sourceId(), device);
          return device;
        });
  }

  /** Whether a device can wait behind this unit. See {@link IommuDriver#isFaultCapable}. */
  public boolean isFaultCapable(DeviceFacts facts) {
    return call("device", d -> d.isFaultCapable(facts));
  }

  void forget(HostedDevice device) {
    devices.remove(device.facts().sourceId(), device);
  }

  /** Empties the unit's queues of a source into the sink. See {@link IommuDriver#drain}. */
  public SyncResult drain(int sourceId, int pasid) {
    return call("drain", d -> d.drain(sourceId, pasid));
  }

  /** Answers. See {@link IommuDriver#respond}. */
  public BatchResult respond(List<FaultAnswer> answers) {
    BatchResult result = call("answer", d -> d.respond(answers));
    answers.subList(0, Math.min(result.done(), answers.size())).forEach(sink::answered);
    return result;
  }

  /** Ends what the unit holds for a device; those who were to answer are told. How many. */
  public int withdrawStalls(int sourceId) {
    return sink.withdrawStalls(sourceId);
  }

  /** An optional capability of the driver. */
  public <T> Optional<T> capability(Class<T> type) {
    return call("capability", d -> d.capability(type));
  }

  /** Where its records go from now on; null for nobody. */
  void route(FaultSink to) {
    sink.target(to);
  }

  // ---- life, under the lock of life cycles -----------------------------------------------------

  boolean isDrivenBy(DriverFactory other) {
    return factory == other;
  }

  /**
   * Makes a driver and lets it take over what a predecessor left, or start afresh. A factory or
   * driver that throws leaves the unit FAILED with its ports blocked.
   */
  void serve(DriverFactory by, Map<String, Long> parameters) {
    life.enterAlone();
    try {
      if (state == State.RUNNING || state == State.GONE) {
        return;
      }
      factory = by;
      Optional<Mmio> registers = machine.fabric().mmio(unitId);
      if (registers.isEmpty()) {
        return;
      }
      if (state != State.ALONE || !adopt(by, parameters, registers.get())) {
        startAfresh(by, parameters, registers.get());
      }
    } catch (RuntimeException | LinkageError | AssertionError e) {
      fail("start", e);
    } finally {
      life.leaveAlone();
    }
    if (state == State.RUNNING) {
      listener.up(this);
      sweep();
    }
  }

  /** Ends the tables that were to end while no driver was there. */
  private void sweep() {
    domains.values().stream().filter(HostedDomain::isEnding).forEach(HostedDomain::close);
  }

  private DriverEnvironment environment(Mmio registers) {
    return new DriverEnvironment(
        unitId,
        registers,
        machine.memory(),
        frames,
        machine.interrupts(),
        machine.time(),
        new FabricControl(unitId, machine.fabric(), bits, id -> listener.isolated(this, id)));
  }

  private void startAfresh(DriverFactory by, Map<String, Long> parameters, Mmio registers) {
    blockPorts();
    IommuDriver before = driver;
    driver = null;
    if (before != null) {
      closeQuietly(before);
    }
    retireFrames();
    long next = epoch + 1; // nobody else writes it
    epoch = next;
    domains.clear();
    devices.clear();
    handOver = null;
    frames = machine.frames(next == 1 ? unitId : unitId + "#" + next);
    IommuDriver made = by.create(environment(registers), parameters);
    driver = made;
    capabilities = made.capabilities();
    made.start(sink);
    starts.incrementAndGet();
    state = State.RUNNING;
    endWrecks();
    LOG.info("domain: unit {} of kind {} is served", unitId, kind);
  }

  /** Frames that the unit may still use until its next driver has switched it off. */
  private void retireFrames() {
    if (frames != null) {
      synchronized (wrecks) {
        wrecks.add(frames);
      }
      frames = null;
    }
  }

  private void endWrecks() {
    List<FrameAllocator> ended;
    synchronized (wrecks) {
      ended = List.copyOf(wrecks);
      wrecks.clear();
    }
    ended.forEach(FrameAllocator::close);
  }

  /** Whether a new driver could go on with what the old one left. */
  private boolean adopt(DriverFactory by, Map<String, Long> parameters, Mmio registers) {
    IommuDriver made = by.create(environment(registers), parameters);
    try {
      AdoptReport report = made.adopt(handOver, sink);
      if (!continues(report)) {
        closeQuietly(made);
        return false;
      }
      driver = made;
      capabilities = made.capabilities();
      handOver = null;
      adoptions.incrementAndGet();
      state = State.RUNNING;
      LOG.info("domain: unit {} goes on with another driver; {}", unitId, report.remarks());
      return true;
    } catch (IoasisException e) {
      if (e.reason() != Reason.MALFORMED && e.reason() != Reason.UNSUPPORTED) {
        throw e;
      }
      LOG.warn("domain: unit {} starts afresh: {}", unitId, e.getMessage());
      return false;
    }
  }

  /** Points every domain and device to its successor; false if one is missing. */
  private boolean continues(AdoptReport report) {
    Map<Integer, DriverDevice> bySource = new LinkedHashMap<>();
    report.devices().forEach(device -> bySource.put(device.facts().sourceId(), device));
    if (!report.domains().keySet().containsAll(domains.keySet())
        || !bySource.keySet().containsAll(devices.keySet())) {
      LOG.warn(
          "domain: unit {}: its new driver knows domains {} of {} and devices {} of {}",
          unitId,
          report.domains().keySet(),
          domains.keySet(),
          bySource.keySet(),
          devices.keySet());
      return false;
    }
    domains.forEach((key, domain) -> domain.succeed(report.domains().get(key)));
    devices.forEach((source, device) -> device.succeed(bySource.get(source)));
    return true;
  }

  /** The factory goes: the driver lets go of the unit, which translates on. */
  void letGo() {
    life.enterAlone();
    try {
      factory = null;
      if (state != State.RUNNING) {
        return;
      }
      handOver = driver.handOver();
      state = State.ALONE;
      driver = null;
      LOG.info("domain: unit {} translates on without a driver", unitId);
    } catch (RuntimeException | LinkageError | AssertionError e) {
      fail("hand-over", e);
      driver = null;
    } finally {
      life.leaveAlone();
    }
    if (state == State.ALONE) {
      listener.down(this);
    }
  }

  /** Switches the unit off and gives its frames back; it stays installed. */
  void stop() {
    switchOff();
    listener.gone(this);
  }

  /** The same for a unit that has no devices any more: nobody needs to be told. */
  void switchOff() {
    life.enterAlone();
    try {
      blockPorts();
      IommuDriver ending = driver;
      driver = null;
      factory = null;
      handOver = null;
      if (ending != null) {
        closeQuietly(ending);
      }
      state = State.IDLE;
      retireFrames();
      endWrecks();
      domains.clear();
      devices.clear();
    } finally {
      life.leaveAlone();
    }
  }

  /** The unit leaves the machine. */
  void end() {
    stop();
    state = State.GONE;
  }

  private void closeQuietly(IommuDriver ending) {
    try {
      ending.close();
    } catch (RuntimeException | LinkageError | AssertionError e) {
      LOG.warn("domain: the driver of unit {} threw on closing", unitId, e);
    }
  }

  @Override
  public String toString() {
    return "unit %s (%s, %s)".formatted(unitId, kind, state);
  }
}
