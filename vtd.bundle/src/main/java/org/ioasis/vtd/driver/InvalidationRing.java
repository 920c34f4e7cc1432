package org.ioasis.vtd.driver;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.memory.FrameAllocator;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.vtd.format.Descriptor;
import org.ioasis.vtd.format.Fsts;
import org.ioasis.vtd.format.Gcmd;
import org.ioasis.vtd.format.InvalidationWait;
import org.ioasis.vtd.format.QueueRegisters;
import org.ioasis.vtd.format.RegisterMap;

/**
 * The driver's side of the invalidation queue. VT-d, "Queued Invalidation Interface".
 *
 * <pre>
 *  one run of frames:   queue, 256 descriptors | status page (32-bit sequence number at 0)
 * </pre>
 *
 * <p>Every submission ends in a wait descriptor that writes its sequence number, so a later number
 * in memory answers for all earlier ones. A descriptor that the unit refuses (FSTS.IQE) is
 * overwritten by a fence, the error is cleared, and the submission it belongs to fails alone.
 *
 * <p><b>Threading:</b> any thread. {@code lock} guards the tail, the sequence and the failures; it
 * is held while a doorbell is rung and while space is waited for, not while completion is.
 */
final class InvalidationRing {
  private static final int ENTRIES = 256;

  private final UnitAccess unit;
  private final PhysicalMemory memory;
  private final FrameAllocator frames;
  private final boolean wide;
  private final boolean coherent;
  private final int entryLg2;
  private final ReentrantLock lock = new ReentrantLock();
  private final int[] owner = new int[ENTRIES];
  private final Map<Integer, String> failures = new HashMap<>();
  private final AtomicLong submitted = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();
  private volatile boolean failed;
  private long base;
  private long status;
  private int tail;
  private int sequence;

  /**
   * A ring without memory.
   *
   * @param wide whether descriptors have 256 bits, as ECAP.SMTS asks for
   * @param coherent whether the unit sees stores that were not cleaned
   */
  InvalidationRing(
      UnitAccess unit,
      PhysicalMemory memory,
      FrameAllocator frames,
      boolean wide,
      boolean coherent) {
    this.unit = unit;
    this.memory = memory;
    this.frames = frames;
    this.wide = wide;
    this.coherent = coherent;
    this.entryLg2 = wide ? 5 : 4;
  }

  private long queueBytes() {
    return (long) ENTRIES << entryLg2;
  }

  /** log2 of the run that holds queue and status page. */
  private int runLg2() {
    return wide ? 14 : 13;
  }

  /** The value of IQA that this ring needs, for a queue at an address. */
  private long iqa(long address) {
    return QueueRegisters.IQA.ofInPlace(address)
        | QueueRegisters.DW.of(wide ? 1 : 0)
        | QueueRegisters.QS.of(wide ? 1 : 0);
  }

  /** Allocates the ring and switches it on; queued invalidation is off. */
  void start() {
    place(frames.allocate(runLg2()));
    tail = 0;
    sequence = 0;
    unit.mmio().write64(RegisterMap.IQT, 0);
    unit.mmio().write64(RegisterMap.IQA, iqa(base));
    unit.level(Gcmd.QIE, true);
  }

  private void place(long address) {
    base = address;
    status = address + queueBytes();
  }

  /**
   * Why the queue that the unit has is none that this class made; empty if it is one. Changes
   * nothing.
   */
  String objection() {
    long active = unit.mmio().read64(RegisterMap.IQA);
    if (!unit.status(Gcmd.QIE)) {
      return "queued invalidation is off";
    }
    if (active != iqa(QueueRegisters.IQA.inPlace(active))) {
      return "IQA 0x%x is no queue of %d descriptors of %d bytes"
          .formatted(active, ENTRIES, 1 << entryLg2);
    }
    return "";
  }

  /** Goes on with the queue that the unit has; {@link #objection} is empty. */
  void adopt() {
    place(QueueRegisters.IQA.inPlace(unit.mmio().read64(RegisterMap.IQA)));
    lock.lock();
    try {
      unit.require(this::isIdle, "IQH=IQT of the queue to adopt");
    } finally {
      lock.unlock();
    }
    tail = (int) (unit.mmio().read64(RegisterMap.IQT) >>> entryLg2) & (ENTRIES - 1);
    sequence = memory.load32(status);
  }

  private boolean isIdle() {
    tail = (int) (unit.mmio().read64(RegisterMap.IQT) >>> entryLg2) & (ENTRIES - 1);
    serviceError();
    return unit.mmio().read64(RegisterMap.IQH) == unit.mmio().read64(RegisterMap.IQT);
  }

  /** Address of the ring's run of frames. */
  long base() {
    return base;
  }

  /** Switches the queue off and gives its memory back. */
  void stop() {
    unit.level(Gcmd.QIE, false);
    frames.free(base, runLg2());
  }

  /**
   * Executes descriptors and waits until the unit has completed them; with an empty list, waits for
   * everything before.
   *
   * @throws IoasisException HARDWARE if the unit refuses one of them or does not complete in time
   */
  void run(DescriptorList list) {
    int mine;
    lock.lock();
    try {
      requireSpace(list.count() + 1);
      mine = ++sequence;
      for (int i = 0; i < list.count(); i++) {
        put(list.low(i), list.high(i), mine);
      }
      put(waitLow(mine), status, mine);
      memory.barrier();
      submitted.addAndGet(list.count());
      unit.mmio().write64(RegisterMap.IQT, (long) tail << entryLg2);
    } finally {
      lock.unlock();
    }
    awaitCompletion(mine);
  }

  private static long waitLow(int number) {
    return Descriptor.TYPE.of(InvalidationWait.CODE)
        | InvalidationWait.SW.mask()
        | InvalidationWait.FN.mask()
        | InvalidationWait.STDATA.of(Integer.toUnsignedLong(number));
  }

  private void put(long low, long high, int mine) {
    store(tail, low, high);
    owner[tail] = mine;
    tail = tail + 1 & (ENTRIES - 1);
  }

  private void store(int slot, long low, long high) {
    long at = base + ((long) slot << entryLg2);
    memory.store64(at, low);
    memory.store64(at + 8, high);
    if (wide) {
      memory.store64(at + 16, 0);
      memory.store64(at + 24, 0);
    }
    if (!coherent) {
      memory.clean(at, 1L << entryLg2);
    }
  }

  private void requireSpace(int slots) {
    if (slots >= ENTRIES) {
      throw new IllegalArgumentException(
          "%d descriptors do not fit a queue of %d".formatted(slots, ENTRIES));
    }
    if (!hasSpace(slots) && !unit.await(() -> hasSpace(slots))) {
      throw stopped("no space in the invalidation queue");
    }
  }

  private boolean hasSpace(int slots) {
    serviceError();
    int head = (int) (unit.mmio().read64(RegisterMap.IQH) >>> entryLg2) & (ENTRIES - 1);
    return (head - tail - 1 & (ENTRIES - 1)) >= slots;
  }

  private void awaitCompletion(int mine) {
    if (!isDone(mine) && !unit.await(() -> isDone(mine))) {
      throw stopped("a wait descriptor was not completed");
    }
    if (failed) {
      throwFailure(mine);
    }
  }

  private void throwFailure(int mine) {
    String why;
    lock.lock();
    try {
      why = failures.remove(mine);
      failed = !failures.isEmpty();
    } finally {
      lock.unlock();
    }
    if (why != null) {
      throw new IoasisException(Reason.HARDWARE, why);
    }
  }

  private boolean isWritten(int mine) {
    return memory.load32(status) - mine >= 0;
  }

  private boolean isDone(int mine) {
    if (isWritten(mine)) {
      return true;
    }
    if (lock.tryLock()) {
      try {
        serviceError();
      } finally {
        lock.unlock();
      }
    }
    return isWritten(mine);
  }

  /** Takes a refused descriptor out of the way; the lock is held. */
  private void serviceError() {
    if (!Fsts.IQE.isSet(unit.mmio().read32(RegisterMap.FSTS))) {
      return;
    }
    int slot = (int) (unit.mmio().read64(RegisterMap.IQH) >>> entryLg2) & (ENTRIES - 1);
    long at = base + ((long) slot << entryLg2);
    long info = QueueRegisters.IQEI.get(unit.mmio().read64(RegisterMap.IQERCD));
    long low = memory.load64(at);
    refused.incrementAndGet();
    failures.put(
        owner[slot],
        "unit %s refused invalidation descriptor 0x%x 0x%x at 0x%x with IQEI %d; nothing was freed"
            .formatted(unit.unitId(), low, memory.load64(at + 8), at, info));
    failed = true;
    if (Descriptor.type(low) == InvalidationWait.CODE) {
      memory.store32(status, owner[slot]); // its status write is what failed
    }
    store(slot, Descriptor.TYPE.of(InvalidationWait.CODE) | InvalidationWait.FN.mask(), 0);
    memory.barrier();
    unit.mmio().write32(RegisterMap.FSTS, (int) Fsts.IQE.mask());
    // Some implementations resume with the next doorbell only.
    unit.mmio().write64(RegisterMap.IQT, (long) tail << entryLg2);
  }

  private IoasisException stopped(String what) {
    return new IoasisException(
        Reason.HARDWARE,
        "unit %s stopped processing: %s within %d ms (IQH 0x%x, IQT 0x%x, FSTS 0x%x); reset it"
            .formatted(
                unit.unitId(),
                what,
                unit.timeoutMillis(),
                unit.mmio().read64(RegisterMap.IQH),
                unit.mmio().read64(RegisterMap.IQT),
                unit.mmio().read32(RegisterMap.FSTS)));
  }

  /** Adds the counters. */
  void count(Map<String, Long> counters) {
    counters.put("descriptors", submitted.get());
    counters.put("descriptors.refused", refused.get());
  }
}
