package org.ioasis.vtd.hardware;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
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
import org.ioasis.vtd.format.FaultReason;

/**
 * One remapping hardware unit. It joins the register file and its handlers, the translator with its
 * caches, fault recording and the invalidation interfaces; each part has its own class.
 *
 * <p>{@link #translate} is the front end of VT-d, "Handling Requests": interrupt requests are told
 * apart first, whatever TE says; with TES=0 requests pass unchanged; everything else is the
 * translator's.
 *
 * <p><b>Threading:</b> as {@link HardwareUnit} and {@link org.ioasis.api.machine.FabricUnit} say. A
 * request that is not refused takes no lock and reads the latched state once; a refused one takes
 * the unit's lock to write its record.
 */
final class VtdUnit implements HardwareUnit, UnitView {
  /** The window of interrupt requests, FEE00000h to FEEFFFFFh: log2 of its size, and its number. */
  private static final int INTERRUPT_WINDOW_LG2 = 20;

  private static final long INTERRUPT_WINDOW = 0xFEE;

  /** log2 of the span of requests that pass unchanged; the interrupt window is not inside one. */
  private static final int BYPASS_SPAN_LG2 = 20;

  private final Profile profile;
  private final UnitCore core;
  private final Translator translator;
  private final FaultRecorder recorder;
  private final InterruptRemapper remapper;
  private final PageRequests pageRequests;
  private final DeviceTlbs deviceTlbs;
  private final InvalidationQueue queue;
  private final GlobalCommand command;
  private final RegisterInvalidation registerInvalidation;
  private final ProtectedMemory protectedMemory;
  private final VirtualCommands virtualCommands;
  private final RegisterMmio mmio;
  private final Inspector inspector;
  private final Explainer explainer;
  private final VtdState state;
  private final boolean canProtect;
  private final long addressMask;
  private final AtomicLong suppressed = new AtomicLong();

  VtdUnit(UnitEnvironment environment, Profile profile, Capabilities capabilities) {
    this.profile = profile;
    this.core =
        new UnitCore(environment, capabilities, VtdRegisters.table(capabilities).newFile(this));
    this.translator = new Translator(environment.memory(), capabilities, profile);
    TranslationCaches caches = translator.caches();
    this.recorder = new FaultRecorder(core);
    InterruptEntryCache interrupts = new InterruptEntryCache(profile);
    this.remapper = new InterruptRemapper(core, interrupts, recorder);
    this.pageRequests = new PageRequests(core, translator, recorder);
    this.deviceTlbs = new DeviceTlbs(core, DeviceTlbTimeout.nanos(profile));
    this.queue =
        new InvalidationQueue(
            core,
            new DescriptorExecutor(capabilities, caches, interrupts),
            new DeviceDescriptors(capabilities, deviceTlbs, pageRequests));
    this.command = new GlobalCommand(core, caches, interrupts, queue);
    this.registerInvalidation = new RegisterInvalidation(core, caches, queue);
    this.protectedMemory = new ProtectedMemory(core);
    this.virtualCommands = new VirtualCommands(core);
    this.mmio = new RegisterMmio(core.registers, core::enter, core::leave);
    this.inspector = new VtdInspector(environment.memory(), capabilities, this);
    this.explainer = new VtdExplainer(environment.memory(), capabilities, this);
    this.state =
        new VtdState(
            core,
            caches,
            interrupts,
            virtualCommands,
            command,
            queue,
            recorder,
            registerInvalidation,
            protectedMemory,
            pageRequests);
    this.canProtect = capabilities.protectedLow() || capabilities.protectedHigh();
    this.addressMask = capabilities.addressMask();
    core.place(
        environment.workQueue("invalidation", queue),
        environment.workQueue("command", command),
        environment.workQueue("register-invalidation", registerInvalidation),
        environment.workQueue("page-request", pageRequests));
  }

  @Override
  public long translate(DmaRequest request) {
    if (!isInterrupt(request)) {
      long known = translator.known(request);
      if (known != Translator.MISS) {
        return canProtect ? guarded(request, known) : known;
      }
    }
    return translateMissed(request);
  }

  private long guarded(DmaRequest request, long hit) {
    long translation = protect(request, hit);
    if (!Translation.isPresent(translation)) {
      refused(request, translation, core.latched);
    }
    return translation;
  }

  private long translateMissed(DmaRequest request) {
    long version = translator.version();
    Latched now = core.latched;
    long translation = answer(request, now, version, false);
    if (!Translation.isPresent(translation)) {
      refused(request, translation, now);
    }
    return translation;
  }

  @Override
  public long probe(DmaRequest request) {
    long version = translator.version();
    return answer(request, core.latched, version, true);
  }

  @Override
  public boolean remapInterrupt(MsiMessage message) {
    return remapper.remap(message);
  }

  private void refused(DmaRequest request, long translation, Latched now) {
    if (Translation.refusal(translation) != Refusal.FAULT) {
      suppressed.incrementAndGet();
    } else if (request.faultCode() == FaultReason.IR_29.code) {
      recorder.interrupt(request.sourceId(), request.faultCode(), 0);
    } else {
      recorder.dma(request, requester(request, now));
    }
  }

  /** The context-entry that gave the PASID, if a walk under its RID_PASID failed; else null. */
  private Context requester(DmaRequest request, Latched now) {
    boolean walked =
        now.ttm() == Latched.TTM_SCALABLE
            && request.faultCode() >= FaultReason.SFS_1.code
            && request.addressType() != DmaRequest.AT_TRANSLATED;
    return walked && !request.hasPasid() ? translator.requester(request, now) : null;
  }

  @Override
  public boolean checksTranslatedRequests() {
    return core.capabilities.deviceTlb();
  }

  @Override
  public boolean pageRequest(PageRequest request) {
    return pageRequests.accept(request);
  }

  private long answer(DmaRequest request, Latched now, long version, boolean probe) {
    boolean untranslated = request.addressType() == DmaRequest.AT_UNTRANSLATED;
    if (request.addressType() > DmaRequest.AT_TRANSLATED) {
      request.refused(0);
      return Translation.none(Refusal.UNSUPPORTED);
    }
    if (untranslated && isInterrupt(request)) {
      return interrupt(request);
    }
    long translation;
    if (!now.translationEnabled()) {
      translation = bypass(request, untranslated);
    } else if (probe) {
      translation = translator.probe(request, now);
    } else {
      translation = translator.walk(request, now, version);
    }
    return canProtect ? protect(request, translation) : translation;
  }

  private static boolean isInterrupt(DmaRequest request) {
    return request.iova() >>> INTERRUPT_WINDOW_LG2 == INTERRUPT_WINDOW && !request.hasPasid();
  }

  /**
   * An access to the interrupt window: a write of one aligned doubleword is an interrupt request.
   */
  private static long interrupt(DmaRequest request) {
    if (request.access() != DmaRequest.WRITE
        || request.length() != 4
        || (request.iova() & 3) != 0) {
      request.refused(FaultReason.IR_29.code);
      return Translation.none(Refusal.FAULT);
    }
    request.granted(DmaRequest.WRITE);
    return Translation.ofNotRam(request.iova(), INTERRUPT_WINDOW_LG2);
  }

  /** TES=0: untranslated requests pass unchanged, the others are not supported. */
  private long bypass(DmaRequest request, boolean untranslated) {
    request.refused(0);
    if (!untranslated) {
      return Translation.none(Refusal.UNSUPPORTED);
    }
    if ((request.iova() & ~addressMask) != 0) {
      return Translation.none(Refusal.ABORTED);
    }
    request.granted(DmaRequest.READ | DmaRequest.WRITE | DmaRequest.EXECUTE);
    return Translation.of(request.iova(), BYPASS_SPAN_LG2);
  }

  private long protect(DmaRequest request, long translation) {
    long guarded = protectedMemory.guard(translation);
    if (Translation.isPresent(translation) && !Translation.isPresent(guarded)) {
      request.refused(0);
    }
    return guarded;
  }

  // Handlers of VtdRegisters, under the unit's lock. A parameter that a handler does not need is
  // what the register now holds.

  void globalCommand(long value, long old) {
    command.written(value);
  }

  void contextCommand(long value, long old) {
    registerInvalidation.contextWritten(value);
  }

  void iotlbCommand(long value, long old) {
    registerInvalidation.iotlbWritten(value);
  }

  void faultStatus(long value, long old) {
    core.faultEvent.statusServiced();
    queue.errorServiced();
  }

  void faultControl(long value, long old) {
    core.faultEvent.controlWritten();
  }

  void faultRecord(long value, long old) {
    recorder.recordCleared();
  }

  void protectedMemory(long value, long old) {
    protectedMemory.written();
  }

  void virtualCommand(long value, long old) {
    virtualCommands.written(value);
  }

  void queueTail(long value, long old) {
    queue.tailWritten();
  }

  void invalidationStatus(long value, long old) {
    core.invalidationEvent.statusServiced();
  }

  void invalidationControl(long value, long old) {
    core.invalidationEvent.controlWritten();
  }

  void pageRequestStatus(long value, long old) {
    pageRequests.statusWritten();
  }

  void pageRequestControl(long value, long old) {
    core.pageRequestEvent.controlWritten();
  }

  // The unit as others see it.

  @Override
  public String unitId() {
    return core.environment.unitId();
  }

  @Override
  public String kind() {
    return VtdFactory.VTD;
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
    recorder.count(counters);
    remapper.count(counters);
    queue.count(counters);
    pageRequests.count(counters);
    deviceTlbs.count(counters);
    counters.put("dma.unrecorded", suppressed.get());
    return counters;
  }

  @Override
  public void close() {
    // The environment ends the work places.
    core.enter();
    try {
      deviceTlbs.abandon();
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
}
