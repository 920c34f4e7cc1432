package org.ioasis.vtd.driver;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
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
 * <p>A device that does not complete its invalidation costs FSTS.ITE: the unit discards the wait
 * under way, names one device, and stops. The error is cleared and the wait sent again. Whoever had
 * a device descriptor on the way then sends the others&#39; again, since a second device that was
 * silent meanwhile is not named; so in the end each device has completed or is known.
 *
 * <p><b>Threading:</b> any thread. {@code lock} guards the tail, the sequence and the failures; it
 * is held while a doorbell is rung and while space is waited for, not while completion is.
 */
final class InvalidationRing {
  private static final int ENTRIES = 256;

  /** Most descriptors between two waits. */
  private static final int CHUNK = 64;

  /** What a device may take at most, beside the unit: PCIe allows a minute. */
  private static final long DEVICE_NANOS = 61_000_000_000L;

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
  private final AtomicLong unexpected = new AtomicLong();
  private final AtomicInteger awaitingDevices = new AtomicInteger();

  /** Time-outs so far, and for each device that was named the number of its last one. */
  private final Map<Integer, Long> silent = new HashMap<>();

  private long timeouts;
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
    giveBack();
  }

  /** Gives its memory back, if it has any; the queue is off. */
  void giveBack() {
    if (base != 0) {
      frames.free(base, runLg2());
      base = 0;
    }
  }

  /**
   * Executes descriptors and waits until unit and devices have completed them; with an empty list,
   * waits for everything before.
   *
   * @return source ids of the devices that did not complete theirs; usually empty
   * @throws IoasisException HARDWARE if the unit refuses one of them or does not complete in time
   */
  Set<Integer> run(DescriptorList list) {
    if (!list.hasDevices()) {
      runOnce(list);
      return Set.of();
    }
    Set<Integer> unanswered = new LinkedHashSet<>();
    awaitingDevices.incrementAndGet();
    try {
      DescriptorList left = list;
      Set<Integer> named = namedSince(runOnce(left));
      while (named != null) {
        named.retainAll(left.devices());
        unanswered.addAll(named);
        left = left.devicesWithout(named);
        boolean goesOn = left.hasDevices() || left.drainsPages();
        named = goesOn ? namedSince(runOnce(left)) : null;
      }
    } finally {
      awaitingDevices.decrementAndGet();
    }
    return unanswered;
  }

  /** The devices named since a time-out; null if there was none. */
  private Set<Integer> namedSince(long before) {
    lock.lock();
    try {
      if (timeouts == before) {
        return null;
      }
      Set<Integer> named = new LinkedHashSet<>();
      silent.forEach(
          (device, at) -> {
            if (at > before) {
              named.add(device);
            }
          });
      return named;
    } finally {
      lock.unlock();
    }
  }

  /** Executes and waits. Says how many time-outs there had been before. */
  private long runOnce(DescriptorList list) {
    long before = -1;
    int first = 0;
    int last = 0;
    int from = 0;
    do {
      int end = Math.min(list.count(), from + CHUNK);
      lock.lock();
      try {
        requireSpace(end - from + 1);
        last = ++sequence;
        if (before == -1) {
          before = timeouts;
          first = last;
        }
        for (int i = from; i < end; i++) {
          put(list.low(i), list.high(i), last);
        }
        put(waitLow(last, list.drainsPages()), status, last);
        memory.barrier();
        submitted.addAndGet(end - from);
        unit.mmio().write64(RegisterMap.IQT, (long) tail << entryLg2);
      } finally {
        lock.unlock();
      }
      from = end;
    } while (from < list.count());
    awaitCompletion(first, last);
    return before;
  }

  private static long waitLow(int number, boolean drainsPages) {
    return Descriptor.TYPE.of(InvalidationWait.CODE)
        | InvalidationWait.SW.mask()
        | InvalidationWait.FN.mask()
        | InvalidationWait.PD.of(drainsPages ? 1 : 0)
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
    if (!await(() -> hasSpace(slots))) {
      throw stopped("no space in the invalidation queue");
    }
  }

  /** Waits as long as the unit may take, and longer while devices take part. */
  private boolean await(BooleanSupplier condition) {
    return condition.getAsBoolean()
        || unit.await(condition)
        || (awaitingDevices.get() > 0 && unit.await(condition, DEVICE_NANOS));
  }

  private boolean hasSpace(int slots) {
    serviceError();
    return free() >= slots;
  }

  private int free() {
    int head = (int) (unit.mmio().read64(RegisterMap.IQH) >>> entryLg2) & (ENTRIES - 1);
    return head - tail - 1 & (ENTRIES - 1);
  }

  private void awaitCompletion(int first, int last) {
    if (!await(() -> isDone(last))) {
      throw stopped("a wait descriptor was not completed");
    }
    if (failed) {
      throwFailure(first, last);
    }
  }

  private void throwFailure(int first, int last) {
    String why = null;
    lock.lock();
    try {
      for (int mine = first; mine - last <= 0; mine++) {
        String one = failures.remove(mine);
        why = why == null ? one : why;
      }
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

  /** Services the errors that stand; the lock is held. */
  private void serviceError() {
    int errors = unit.mmio().read32(RegisterMap.FSTS);
    if (Fsts.ICE.isSet(errors)) {
      unexpected.incrementAndGet(); // a completion that nobody waited for stops nothing
      unit.mmio().write32(RegisterMap.FSTS, (int) Fsts.ICE.mask());
    }
    if (Fsts.ITE.isSet(errors)) {
      serviceTimeout();
    }
    if (Fsts.IQE.isSet(errors)) {
      serviceRefusal();
    }
  }

  /** Notes who was silent and sends the wait again that the unit discarded. */
  private void serviceTimeout() {
    timeouts++;
    int device = (int) QueueRegisters.ITESID.get(unit.mmio().read64(RegisterMap.IQERCD));
    silent.put(device, timeouts);
    if (free() > 0) { // else the waits that fill the queue answer for the discarded one
      put(waitLow(sequence, false), status, sequence);
      memory.barrier();
    }
    unit.mmio().write32(RegisterMap.FSTS, (int) Fsts.ITE.mask());
    unit.mmio().write64(RegisterMap.IQT, (long) tail << entryLg2);
  }

  /** Takes a refused descriptor out of the way. */
  private void serviceRefusal() {
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
    counters.put("devicetlb.unexpected", unexpected.get());
    lock.lock();
    try {
      counters.put("devicetlb.timeouts", timeouts);
    } finally {
      lock.unlock();
    }
  }
}
