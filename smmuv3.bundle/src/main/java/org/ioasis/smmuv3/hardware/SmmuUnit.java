package org.ioasis.smmuv3.hardware;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.ioasis.api.explain.Explainer;
import org.ioasis.api.hardware.HardwareUnit;
import org.ioasis.api.inspect.Inspector;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Mmio;
import org.ioasis.api.machine.PageRequest;
import org.ioasis.api.machine.Profile;
import org.ioasis.api.machine.StallEnd;
import org.ioasis.api.machine.Translation;
import org.ioasis.api.machine.Translation.Refusal;
import org.ioasis.api.machine.UnitEnvironment;
import org.ioasis.api.state.StatePort;
import org.ioasis.kit.registers.RegisterMmio;
import org.ioasis.smmuv3.format.Cr0;
import org.ioasis.smmuv3.format.Cr1;
import org.ioasis.smmuv3.format.Gbpa;
import org.ioasis.smmuv3.format.IrqCtrl;
import org.ioasis.smmuv3.format.RegisterMap;

/**
 * One SMMU. It joins the register file and its handlers, the translator with its caches, the queues
 * and what is held; each part has its own class.
 *
 * <p><b>Threading:</b> as {@link HardwareUnit} and {@link org.ioasis.api.machine.FabricUnit} say. A
 * transaction that is not refused takes no lock and reads the latched state once; a refused one
 * that is recorded takes the unit's lock to write its record.
 */
final class SmmuUnit implements HardwareUnit, UnitView {
  private static final int RECORD_WORDS = 4;

  private final Profile profile;
  private final UnitCore core;
  private final Translator translator;
  private final EventQueue events;
  private final PriQueue pages;
  private final StallTable stalls;
  private final AtcInvalidations devices;
  private final CommandQueue commands;
  private final EnableHandshake handshake;
  private final RegisterMmio mmio;
  private final Inspector inspector;
  private final Explainer explainer;
  private final SmmuState state;
  private final long addressMask;
  private final AtomicLong silent = new AtomicLong();

  SmmuUnit(UnitEnvironment environment, Profile profile, Capabilities capabilities) {
    this(environment, profile, capabilities, new TranslationCaches(CacheGeometry.of(profile)));
  }

  /** A unit with these caches. */
  SmmuUnit(
      UnitEnvironment environment,
      Profile profile,
      Capabilities capabilities,
      TranslationCaches caches) {
    this.profile = profile;
    this.core =
        new UnitCore(
            environment, capabilities, SmmuRegisters.table(profile, capabilities).newFile(this));
    this.translator = new Translator(environment.memory(), capabilities, caches);
    this.events = new EventQueue(core);
    this.pages = new PriQueue(core, translator);
    this.stalls = new StallTable(core, events);
    long timeout =
        profile.parameter(AtcInvalidations.TIMEOUT, AtcInvalidations.DEFAULT_TIMEOUT_MILLIS);
    this.devices = new AtcInvalidations(environment, timeout, this::devicesAnswered);
    this.commands =
        new CommandQueue(core, new CommandExecutor(core, caches, stalls, devices), devices);
    this.handshake = new EnableHandshake(core, caches, commands, events, pages, stalls);
    this.mmio = new RegisterMmio(core.registers, core::enter, core::leave);
    this.inspector = new SmmuInspector(environment.memory(), capabilities, this);
    this.explainer = new SmmuExplainer(environment.memory(), capabilities, this);
    this.state = new SmmuState(core, caches, commands, events, pages, stalls, devices, handshake);
    this.addressMask = (1L << capabilities.oas()) - 1;
    core.place(
        environment.workQueue("commands", commands), environment.workQueue("enables", handshake));
  }

  @Override
  public long translate(DmaRequest request) {
    long hit = translator.hit(request);
    return hit != Translator.MISS ? hit : translateMissed(request);
  }

  private long translateMissed(DmaRequest request) {
    long version = translator.version();
    long result = translator.walk(request, core.latched, version);
    return result >= 0 ? result : end(request, result);
  }

  @Override
  public long probe(DmaRequest request) {
    long result = translator.probe(request, core.latched);
    if (result >= 0) {
      return result;
    }
    request.refused(Verdict.number(result));
    return Translation.none(refusal(result));
  }

  /** Ends a transaction that has no translation: record, hold, answer. */
  private long end(DmaRequest request, long verdict) {
    request.refused(Verdict.number(verdict));
    if (!Verdict.isRecorded(verdict)) {
      silent.incrementAndGet();
      return Translation.none(refusal(verdict));
    }
    long[] record = new long[RECORD_WORDS];
    EventRecords.write(verdict, request, addressMask, record);
    core.enter();
    try {
      if (Verdict.end(verdict) != Verdict.STALL) {
        events.record(record);
      } else if (core.latched.enabled()) {
        request.stalled(stalls.hold(request.sourceId(), Verdict.isStage2(verdict), record));
      } else {
        return Translation.none(Refusal.ABORTED); // SMMUEN=0 came first
      }
    } finally {
      core.leave();
    }
    return Translation.none(refusal(verdict));
  }

  private static Refusal refusal(long verdict) {
    return switch (Verdict.end(verdict)) {
      case Verdict.STALL -> Refusal.STALLED;
      case Verdict.QUIET, Verdict.QUIET_RECORDED -> Refusal.QUIET;
      case Verdict.UNSUPPORTED, Verdict.UNSUPPORTED_RECORDED -> Refusal.UNSUPPORTED;
      case Verdict.ABORT_RECORDED -> Refusal.FAULT;
      default -> Refusal.ABORTED;
    };
  }

  @Override
  public boolean checksTranslatedRequests() {
    Latched now = core.latched;
    return !now.enabled() || now.atsCheck();
  }

  @Override
  public boolean pageRequest(PageRequest request) {
    if (!core.capabilities.pri()) {
      return false;
    }
    pages.request(request);
    return true;
  }

  /** The last device has answered, or its time is over: a CMD_SYNC may go on. */
  private void devicesAnswered() {
    core.enter();
    try {
      commands.proceed();
    } finally {
      core.leave();
    }
  }

  // Guards, filters and handlers of SmmuRegisters, under the unit's lock.

  boolean isDisabled() {
    return !core.isGuarded(Cr0.SMMUEN.mask());
  }

  boolean isCommandQueueOff() {
    return !core.isGuarded(Cr0.CMDQEN.mask());
  }

  boolean isEventQueueOff() {
    return !core.isGuarded(Cr0.EVENTQEN.mask());
  }

  boolean isPriQueueOff() {
    return !core.isGuarded(Cr0.PRIQEN.mask());
  }

  boolean isErrorInterruptOff() {
    return !core.isInterrupting(IrqCtrl.GERROR_IRQEN.mask());
  }

  boolean isEventInterruptOff() {
    return !core.isInterrupting(IrqCtrl.EVENTQ_IRQEN.mask());
  }

  boolean isPriInterruptOff() {
    return !core.isInterrupting(IrqCtrl.PRIQ_IRQEN.mask());
  }

  long admitEnables(long value, long old) {
    return EnableHandshake.admitted(value, old, core.registers.peek(RegisterMap.CR0ACK));
  }

  /** QUEUE_* are guarded by the queues, TABLE_* by SMMUEN. */
  long admitAttributes(long value, long old) {
    long queues = Cr0.CMDQEN.mask() | Cr0.EVENTQEN.mask() | Cr0.PRIQEN.mask();
    long kept =
        (core.isGuarded(queues) ? Cr1.QUEUE_FIELDS : 0)
            | (core.isGuarded(Cr0.SMMUEN.mask()) ? Cr1.TABLE_FIELDS : 0);
    return (value & ~kept) | (old & kept);
  }

  /** Only with Update=1, and not while an update is under way. */
  long admitBypass(long value, long old) {
    return Gbpa.UPDATE.isSet(value) && !Gbpa.UPDATE.isSet(old) ? value : old;
  }

  void enables(long value, long old) {
    handshake.written(value, old);
  }

  void bypass(long value, long old) {
    if (Gbpa.UPDATE.isSet(value) && !Gbpa.UPDATE.isSet(old)) {
      handshake.bypassWritten();
    }
  }

  void interrupts(long value, long old) {
    handshake.interruptsWritten(value);
  }

  void errorsAcknowledged(long value, long old) {
    events.flush();
    commands.proceed();
  }

  void commandsProduced(long value, long old) {
    commands.proceed();
  }

  void eventsConsumed(long value, long old) {
    events.flush();
  }

  // The unit as others see it.

  @Override
  public String unitId() {
    return core.environment.unitId();
  }

  @Override
  public String kind() {
    return SmmuFactory.SMMUV3;
  }

  @Override
  public Profile profile() {
    return profile;
  }

  @Override
  public Mmio mmio() {
    return mmio;
  }

  @Override
  public Inspector inspector() {
    return inspector;
  }

  @Override
  public Explainer explainer() {
    return explainer;
  }

  @Override
  public StatePort state() {
    return state;
  }

  @Override
  public void reset(boolean cold) {
    state.reset(cold);
  }

  @Override
  public Map<String, Long> counters() {
    Map<String, Long> counters = new TreeMap<>();
    events.count(counters);
    pages.count(counters);
    stalls.count(counters);
    devices.count(counters);
    commands.count(counters);
    counters.put("dma.unrecorded", silent.get());
    return counters;
  }

  /** What is held goes to whatever serves its port then. */
  @Override
  public void close() {
    core.enter();
    try {
      stalls.endAll(StallEnd.MOVED);
    } finally {
      core.leave();
    }
  }

  @Override
  public Latched latched() {
    return core.latched;
  }

  @Override
  public long register(int offset) {
    return core.registers.table().hasRegister(offset) ? core.registers.peek(offset) : 0;
  }

  @Override
  public Translator translator() {
    return translator;
  }

  /** What the unit can do; for tests and the factory. */
  Capabilities capabilities() {
    return core.capabilities;
  }

  /** What is held; for tests. */
  StallTable stalls() {
    return stalls;
  }
}
