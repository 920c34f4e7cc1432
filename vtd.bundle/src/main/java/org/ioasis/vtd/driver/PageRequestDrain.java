package org.ioasis.vtd.driver;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntPredicate;
import org.ioasis.api.Blob;
import org.ioasis.api.IoasisException;
import org.ioasis.api.driver.FaultAnswer;
import org.ioasis.api.driver.FaultClass;
import org.ioasis.api.driver.FaultKind;
import org.ioasis.api.driver.FaultSink;
import org.ioasis.api.driver.FaultStage;
import org.ioasis.api.driver.RecoverableFault;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.InterruptSource;
import org.ioasis.api.machine.Mmio;
import org.ioasis.api.machine.PageResponse;
import org.ioasis.api.memory.FrameAllocator;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.kit.driver.Passes;
import org.ioasis.vtd.format.EventControl;
import org.ioasis.vtd.format.PageRequestDescriptor;
import org.ioasis.vtd.format.PageRequestRegisters;
import org.ioasis.vtd.format.RegisterMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The driver's side of the page request queue. VT-d, "Page Request Queue".
 *
 * <p>A pass clears PRS.PPR, reads PQT, hands everything between head and tail over and moves the
 * head. An overflow is cleared only while the queue is empty; what was dropped the unit has
 * answered itself, and groups under way are incomplete. Groups of devices that nobody knows are
 * answered as invalid here.
 *
 * <p><b>Threading:</b> any thread outside the driver's locks; {@link Passes} lets one run. {@code
 * this} guards the queue's place and what is left of it, and is held while records are read, not
 * while they are handed over.
 */
final class PageRequestDrain {
  private static final Logger LOG = LoggerFactory.getLogger(PageRequestDrain.class);
  private static final int PAGES_LG2 = 2;
  private static final int RING_LG2 = FrameAllocator.FRAME_LG2 + PAGES_LG2;
  private static final long RING_MASK = (1L << RING_LG2) - 1;
  private static final int MOST_ROUNDS = 2;

  private final DriverCore core;
  private final Mmio mmio;
  private final PhysicalMemory memory;
  private final IntPredicate isKnown;
  private final Passes passes = new Passes(this::pass);
  private final AtomicLong requests = new AtomicLong();
  private final AtomicLong overflows = new AtomicLong();
  private final AtomicLong strangers = new AtomicLong();
  private final AtomicLong answered = new AtomicLong();
  private final List<RecoverableFault> left = new ArrayList<>();
  private volatile boolean active;
  private long base;
  private volatile FaultSink sink;
  private volatile InterruptSource.Vector vector;

  /**
   * A drain without a queue.
   *
   * @param isKnown whether a source id is one of the driver's
   */
  PageRequestDrain(DriverCore core, IntPredicate isKnown) {
    this.core = core;
    this.mmio = core.unit().mmio();
    this.memory = core.environment().memory();
    this.isKnown = isKnown;
  }

  /** Makes the queue; the unit does not translate. */
  synchronized void makeQueue() {
    base = core.structures().allocate(RING_LG2);
    mmio.write64(RegisterMap.PQH, 0);
    mmio.write64(RegisterMap.PQT, 0);
    mmio.write64(
        RegisterMap.PQA,
        PageRequestRegisters.PQA.ofInPlace(base) | PageRequestRegisters.PQS.of(PAGES_LG2));
    mmio.write32(RegisterMap.PRS, (int) PageRequestRegisters.CONDITIONS);
    active = true;
  }

  /** Why the unit's queue is none that this class made; empty if it is one. */
  String objection() {
    long pqa = mmio.read64(RegisterMap.PQA);
    return PageRequestRegisters.PQS.get(pqa) == PAGES_LG2
            && PageRequestRegisters.PQA.inPlace(pqa) != 0
        ? ""
        : "PQA 0x%x is no queue of 2^%d pages".formatted(pqa, PAGES_LG2);
  }

  /** Goes on with the unit's queue. */
  synchronized void adoptQueue() {
    active = true;
    base = PageRequestRegisters.PQA.inPlace(mmio.read64(RegisterMap.PQA));
    core.structures().adopted(base, RING_LG2);
  }

  /**
   * Gives the queue back; the unit does not translate. What was in it is handed over by the next
   * pass.
   */
  synchronized void freeQueue() {
    read(left);
    left.removeIf(fault -> !isKnown.test(fault.sourceId()));
    active = false;
    mmio.write64(RegisterMap.PQA, 0);
    if (base != 0) {
      core.structures().free(base, RING_LG2);
      base = 0;
    }
  }

  /** Programs the page request event and unmasks it. */
  void start(InterruptSource.Vector event, FaultSink faults) {
    sink = faults;
    vector = event;
    mmio.write32(RegisterMap.PEDATA, event.data());
    mmio.write32(RegisterMap.PEADDR, (int) event.address());
    mmio.write32(RegisterMap.PEUADDR, (int) (event.address() >>> 32));
    mmio.write32(RegisterMap.PECTL, 0);
  }

  /** Forgets the sink: what is queued stays where it is, for a successor. */
  synchronized void leaveRequests() {
    sink = null;
    active = false;
  }

  /** Masks the event and frees its vector. */
  void stop() {
    if (vector != null) {
      mmio.write32(RegisterMap.PECTL, (int) EventControl.IM.mask());
      vector.close();
      vector = null;
    }
  }

  /** Runs passes until nobody asks; returns at once if another thread does. */
  void run() {
    passes.run();
  }

  /** Returns when a pass has ended that began after this call. */
  void runNow() {
    passes.runNow(core.unit().waiting(), "the end of a page request pass");
  }

  private boolean isOverflowed() {
    return PageRequestRegisters.PRO.isSet(mmio.read32(RegisterMap.PRS));
  }

  private long head() {
    return PageRequestRegisters.PQH.inPlace(mmio.read64(RegisterMap.PQH)) & RING_MASK;
  }

  private long tail() {
    return PageRequestRegisters.PQT.inPlace(mmio.read64(RegisterMap.PQT)) & RING_MASK;
  }

  private void pass() {
    FaultSink to = sink;
    if (to == null) {
      return;
    }
    List<RecoverableFault> faults = new ArrayList<>();
    boolean lost = false;
    for (int round = 0; round < MOST_ROUNDS; round++) {
      lost |= read(faults);
    }
    List<FaultAnswer> refusals = new ArrayList<>();
    for (RecoverableFault fault : faults) {
      hand(fault, to, refusals);
    }
    if (lost) {
      overflows.incrementAndGet();
      to.lost(true, 1);
    }
    if (!refusals.isEmpty()) {
      refuse(refusals);
    }
    to.drained();
  }

  /**
   * Takes what is queued, and clears an overflow once the queue is empty; says if there was one.
   */
  private synchronized boolean read(List<RecoverableFault> into) {
    if (!active) {
      into.addAll(left);
      left.clear();
      return false;
    }
    mmio.write32(RegisterMap.PRS, (int) PageRequestRegisters.PPR.mask());
    long head = head();
    for (long tail = tail(); head != tail; head = head + PageRequestDescriptor.BYTES & RING_MASK) {
      into.add(decode(base + head));
    }
    mmio.write64(RegisterMap.PQH, head);
    boolean lost = isOverflowed() && head == tail();
    if (lost) {
      mmio.write32(RegisterMap.PRS, (int) PageRequestRegisters.PRO.mask());
    }
    return lost;
  }

  private void hand(RecoverableFault fault, FaultSink to, List<FaultAnswer> refusals) {
    requests.incrementAndGet();
    if (!active || isKnown.test(fault.sourceId())) {
      to.recoverable(fault);
      return;
    }
    strangers.incrementAndGet();
    if (fault.last() && !fault.stopMarker()) {
      refusals.add(FaultAnswer.to(fault, PageResponse.Code.INVALID_REQUEST));
    }
  }

  /** Answers groups of devices that nobody knows; a driver that ends meanwhile need not. */
  private void refuse(List<FaultAnswer> refusals) {
    try {
      core.gate().enter("answer");
    } catch (IoasisException e) {
      return;
    }
    try {
      send(refusals);
    } catch (IoasisException e) {
      LOG.warn("unit {} took no answers to devices that nobody knows", core.unitId(), e);
    } finally {
      core.gate().leave();
    }
  }

  private RecoverableFault decode(long at) {
    long low = memory.load64(at);
    long high = memory.load64(at + 8);
    int access =
        (PageRequestDescriptor.RD.isSet(high) ? DmaRequest.READ : 0)
            | (PageRequestDescriptor.WR.isSet(high) ? DmaRequest.WRITE : 0)
            | (PageRequestDescriptor.EXE.isSet(low) ? DmaRequest.EXECUTE : 0);
    ByteBuffer words =
        ByteBuffer.allocate(PageRequestDescriptor.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    words.putLong(low).putLong(high);
    words.putLong(memory.load64(at + 16)).putLong(memory.load64(at + 24)).flip();
    return new RecoverableFault(
        FaultKind.PAGE_REQUEST,
        (int) PageRequestDescriptor.RID.get(low),
        PageRequestDescriptor.PP.isSet(low)
            ? (int) PageRequestDescriptor.PASID.get(low)
            : DmaRequest.NO_PASID,
        PageRequestDescriptor.ADDR.inPlace(high),
        access,
        PageRequestDescriptor.PRIV.isSet(low),
        (int) PageRequestDescriptor.PRGI.get(high),
        PageRequestDescriptor.LPIG.isSet(high),
        FaultStage.UNKNOWN,
        FaultClass.UNKNOWN,
        0,
        new Blob("vtd.page-request", words),
        core.unit().nanoTime());
  }

  /** Sends answers and waits until the unit has. */
  void send(List<FaultAnswer> answers) {
    DescriptorList list = new DescriptorList();
    answers.forEach(list::pageGroup);
    core.run(list);
    answered.addAndGet(answers.size());
  }

  /** Adds the counters. */
  void count(Map<String, Long> counters) {
    counters.put("pages.requested", requests.get());
    counters.put("pages.overflows", overflows.get());
    counters.put("pages.strangers", strangers.get());
    counters.put("pages.answered", answered.get());
  }
}
