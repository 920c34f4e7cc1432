package org.ioasis.amdvi.hardware;

import java.util.Map;
import java.util.TreeMap;
import org.ioasis.amdvi.format.AddressMap;
import org.ioasis.amdvi.format.Control;
import org.ioasis.amdvi.format.RegisterMap;
import org.ioasis.api.explain.Explainer;
import org.ioasis.api.hardware.HardwareUnit;
import org.ioasis.api.inspect.Inspector;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Mmio;
import org.ioasis.api.machine.MsiMessage;
import org.ioasis.api.machine.PageRequest;
import org.ioasis.api.machine.Profile;
import org.ioasis.api.machine.Translation;
import org.ioasis.api.machine.Translation.Refusal;
import org.ioasis.api.machine.UnitEnvironment;
import org.ioasis.api.state.StatePort;
import org.ioasis.kit.registers.RegisterMmio;

/**
 * One IOMMU. It joins the register file and its handlers, the translator with its caches, the logs,
 * the command buffer and the interrupt remapper; each part has its own class.
 *
 * <p>{@link #translate} is the front end: with IommuEn=0 requests pass unchanged; requests into
 * windows that are no memory are told apart; everything else is the translator's.
 *
 * <p><b>Threading:</b> as {@link HardwareUnit} and {@link org.ioasis.api.machine.FabricUnit} say. A
 * request that is not refused takes no lock; a refused one takes the unit's lock to log its event.
 */
final class AmdviUnit implements HardwareUnit, UnitView {
  private final Profile profile;
  private final UnitCore core;
  private final Translator translator;
  private final Windows windows;
  private final EventLog log;
  private final PprLog pprLog;
  private final InterruptRemapper remapper;
  private final IotlbInvalidations devices;
  private final CommandBuffer commands;
  private final RegisterMmio mmio;
  private final Inspector inspector;
  private final Explainer explainer;
  private final AmdviState state;

  AmdviUnit(UnitEnvironment environment, Profile profile, Capabilities capabilities) {
    this.profile = profile;
    this.core =
        new UnitCore(environment, capabilities, AmdviRegisters.table(capabilities).newFile(this));
    CacheGeometry geometry = CacheGeometry.of(profile);
    this.log = new EventLog(core);
    Faults faults = new Faults(log);
    this.translator = new Translator(environment.memory(), capabilities, geometry, this, faults);
    this.windows = new Windows(translator, faults, capabilities.htWindows());
    this.pprLog = new PprLog(core, translator, log);
    InterruptEntryCache interrupts = new InterruptEntryCache(geometry);
    this.remapper = new InterruptRemapper(core, translator, interrupts, log);
    this.devices = new IotlbInvalidations(core, log);
    this.commands =
        new CommandBuffer(
            core, new CommandExecutor(core, translator, interrupts, log, devices), devices, log);
    this.mmio = new RegisterMmio(core.registers, core::enter, core::leave);
    this.inspector = new AmdviInspector(environment.memory(), capabilities, this);
    this.explainer = new AmdviExplainer(environment.memory(), capabilities, this);
    this.state = new AmdviState(core, translator.caches(), interrupts, log, commands);
    core.place(environment.workQueue("command", commands));
  }

  @Override
  public long translate(DmaRequest request) {
    if (!windows.contain(request.iova())) {
      long known = translator.known(request);
      if (known != Translator.MISS) {
        return known;
      }
    }
    return answer(request, false);
  }

  @Override
  public long probe(DmaRequest request) {
    return answer(request, true);
  }

  private long answer(DmaRequest request, boolean probe) {
    if (!core.latched.enabled) {
      return bypass(request);
    }
    if (windows.contain(request.iova())) {
      return windows.answer(request, probe);
    }
    return probe ? translator.probe(request) : translator.walk(request);
  }

  /** IommuEn=0: untranslated requests pass unchanged, the others are not supported. */
  private long bypass(DmaRequest request) {
    if (request.addressType() != DmaRequest.AT_UNTRANSLATED) {
      request.refused(0);
      return Translation.none(Refusal.UNSUPPORTED);
    }
    if (AddressMap.isInterrupt(request.iova())) {
      request.granted(request.access());
      return Translation.ofNotRam(request.iova(), AddressMap.INTERRUPT_LG2);
    }
    return translator.pass(request);
  }

  /** Pretranslated requests are checked against the device&#39;s entry, not against the tables. */
  @Override
  public boolean checksTranslatedRequests() {
    return true;
  }

  @Override
  public boolean pageRequest(PageRequest request) {
    return pprLog.request(request);
  }

  @Override
  public boolean remapInterrupt(MsiMessage message) {
    return remapper.remap(message);
  }

  // Handlers of AmdviRegisters, under the unit's lock. A parameter that a handler does not need is
  // what the register now holds.

  /** A write that asks for more segments than there are is dropped whole. */
  long admitControl(long value, long old) {
    return Control.DEV_TBL_SEG_EN.get(value) > core.capabilities.segmentsLg2() ? old : value;
  }

  void control(long value, long old) {
    latch(value, old);
    log.controlled(value, old);
    pprLog.controlled(value, old);
    commands.controlled(value, old);
  }

  void latch(long value, long old) {
    core.latch();
    translator.caches().tags.changed();
  }

  void commandBase(long value, long old) {
    commands.rewind();
  }

  void commandTail(long value, long old) {
    commands.tailWritten();
  }

  void eventBase(long value, long old) {
    log.rewind();
  }

  void pprBase(long value, long old) {
    pprLog.rewind();
  }

  /** Whether a ring does not run, by its bit of STATUS. */
  boolean isStopped(long run) {
    return (core.registers.peek(RegisterMap.STATUS) & run) == 0;
  }

  // The unit as others see it.

  @Override
  public String unitId() {
    return core.environment.unitId();
  }

  @Override
  public String kind() {
    return AmdviFactory.AMDVI;
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
    log.count(counters);
    pprLog.count(counters);
    remapper.count(counters);
    devices.count(counters);
    commands.count(counters);
    return counters;
  }

  @Override
  public void close() {
    // The environment ends the work places; nothing else is held.
  }

  @Override
  public Latched latched() {
    return core.latched;
  }

  @Override
  public long register(int offset) {
    return core.registers.peek(offset);
  }

  @Override
  public Translator translator() {
    return translator;
  }
}
