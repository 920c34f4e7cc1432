package org.ioasis.amdvi.driver;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.ioasis.amdvi.format.Command;
import org.ioasis.amdvi.format.CompletionWait;
import org.ioasis.amdvi.format.Control;
import org.ioasis.amdvi.format.RegisterMap;
import org.ioasis.amdvi.format.RingBase;
import org.ioasis.amdvi.format.RingPointer;
import org.ioasis.amdvi.format.Status;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.memory.FrameAllocator;
import org.ioasis.api.memory.PhysicalMemory;

/**
 * The driver&#39;s side of the command buffer. "Command Buffer".
 *
 * <pre>
 *  one run of frames:   buffer, 512 commands | completion page (64-bit sequence number at 0)
 * </pre>
 *
 * <p>Every submission ends in a COMPLETION_WAIT that stores its number, so a later number answers
 * for all earlier ones. A command that stops the unit is overwritten by a barrier, fetching is
 * switched on anew, and the submission it belongs to fails alone.
 *
 * <p><b>Threading:</b> any thread. {@code lock} guards the tail, the sequence and the failures; it
 * is held while the doorbell is rung and while space is waited for, not while completion is.
 */
final class CommandRing {
  private static final int ENTRIES_LG2 = 9;
  private static final int ENTRIES = 1 << ENTRIES_LG2;
  private static final int BYTES_LG2 = ENTRIES_LG2 + 4;
  private static final int RUN_LG2 = BYTES_LG2 + 1;
  private static final int MOST_AT_ONCE = ENTRIES / 2;

  private final UnitAccess unit;
  private final PhysicalMemory memory;
  private final FrameAllocator frames;
  private final ReentrantLock lock = new ReentrantLock();
  private final long[] owner = new long[ENTRIES];
  private final Map<Long, String> failures = new HashMap<>();
  private final AtomicLong submitted = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();
  private volatile boolean failed;
  private long base;
  private long completion;
  private int tail;
  private long sequence;

  CommandRing(UnitAccess unit, PhysicalMemory memory, FrameAllocator frames) {
    this.unit = unit;
    this.memory = memory;
    this.frames = frames;
  }

  /** Allocates the ring; {@link UnitAccess#ring} switches it on. */
  void place() {
    place(frames.allocate(RUN_LG2));
    tail = 0;
    sequence = 0;
    unit.mmio().write64(RegisterMap.CMD_BUF_BASE, RingBase.of(base, ENTRIES_LG2));
    unit.mmio().write64(RegisterMap.CMD_BUF_TAIL, 0);
  }

  private void place(long address) {
    base = address;
    completion = address + (1L << BYTES_LG2);
  }

  /** Whether the ring that the unit has is one that this class made. */
  boolean canAdopt() {
    long register = unit.mmio().read64(RegisterMap.CMD_BUF_BASE);
    return unit.status(Status.CMD_BUF_RUN)
        && register == RingBase.of(RingBase.ADDRESS.inPlace(register), ENTRIES_LG2);
  }

  /** Goes on with the ring that the unit has. */
  void adopt() {
    place(RingBase.ADDRESS.inPlace(unit.mmio().read64(RegisterMap.CMD_BUF_BASE)));
    unit.waiting().require(() -> head() == tailNow(), "the end of the commands to adopt");
    tail = tailNow();
    sequence = memory.load64(completion);
  }

  private int head() {
    return slot(unit.mmio().read64(RegisterMap.CMD_BUF_HEAD));
  }

  private int tailNow() {
    return slot(unit.mmio().read64(RegisterMap.CMD_BUF_TAIL));
  }

  private static int slot(long pointer) {
    return (int) (RingPointer.OFFSET.inPlace(pointer) >>> 4) & ENTRIES - 1;
  }

  /** Address of the ring&#39;s run of frames. */
  long base() {
    return base;
  }

  /** Gives the memory back; the ring is off. */
  void free() {
    frames.free(base, RUN_LG2);
  }

  /**
   * Executes commands and waits until the unit has completed them; with an empty list, waits for
   * everything before.
   *
   * @throws IoasisException HARDWARE if the unit refuses one of them or does not complete in time
   */
  void run(CommandList list) {
    int at = 0;
    do {
      int count = Math.min(MOST_AT_ONCE, list.count() - at);
      awaitCompletion(submit(list, at, count));
      at += count;
    } while (at < list.count());
  }

  private long submit(CommandList list, int from, int count) {
    lock.lock();
    try {
      requireSpace(count + 1);
      long mine = ++sequence;
      for (int i = from; i < from + count; i++) {
        put(list.word0(i), list.word1(i), mine);
      }
      put(CompletionWait.store(completion, false), mine, mine);
      memory.barrier();
      submitted.addAndGet(count);
      ring();
      return mine;
    } finally {
      lock.unlock();
    }
  }

  private void ring() {
    unit.mmio().write64(RegisterMap.CMD_BUF_TAIL, RingPointer.OFFSET.ofInPlace((long) tail << 4));
  }

  private void put(long word0, long word1, long mine) {
    store(tail, word0, word1);
    owner[tail] = mine;
    tail = tail + 1 & ENTRIES - 1;
  }

  private void store(int slot, long word0, long word1) {
    memory.store64(base + 16L * slot, word0);
    memory.store64(base + 16L * slot + 8, word1);
  }

  private void requireSpace(int slots) {
    if (!hasSpace(slots) && !awaitWithDevices(() -> hasSpace(slots))) {
      throw stopped("no space in the command buffer");
    }
  }

  /** Waits as long as the unit may take, and its devices before it. */
  private boolean awaitWithDevices(BooleanSupplier condition) {
    return unit.waiting().await(condition, Control.invalidationTimeout(unit.control()));
  }

  private boolean hasSpace(int slots) {
    serviceError();
    return (head() - tail - 1 & ENTRIES - 1) >= slots;
  }

  private void awaitCompletion(long mine) {
    if (!isDone(mine) && !awaitWithDevices(() -> isDone(mine))) {
      throw stopped("a COMPLETION_WAIT was not completed");
    }
    if (failed) {
      throwFailure(mine);
    }
  }

  private void throwFailure(long mine) {
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

  private boolean isWritten(long mine) {
    return memory.load64(completion) - mine >= 0;
  }

  private boolean isDone(long mine) {
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

  /** Takes a command that stopped the unit out of the way; the lock is held. */
  private void serviceError() {
    if (unit.status(Status.CMD_BUF_RUN) || !Control.CMD_BUF_EN.isSet(unit.control())) {
      return;
    }
    int slot = head();
    long at = base + 16L * slot;
    long word0 = memory.load64(at);
    refused.incrementAndGet();
    failures.put(
        owner[slot],
        "unit %s stopped at %s 0x%x 0x%x at 0x%x; nothing was freed"
            .formatted(
                unit.unitId(),
                Command.name(Command.opcode(word0)),
                word0,
                memory.load64(at + 8),
                at));
    failed = true;
    if (Command.opcode(word0) == Command.COMPLETION_WAIT) {
      memory.store64(completion, owner[slot]); // its store is what failed
    }
    store(slot, Command.OPCODE.of(Command.COMPLETION_WAIT), 0);
    memory.barrier();
    unit.control(Control.CMD_BUF_EN.mask(), false);
    unit.control(Control.CMD_BUF_EN.mask(), true);
    ring();
  }

  private IoasisException stopped(String what) {
    return new IoasisException(
        Reason.HARDWARE,
        "unit %s stopped processing: %s within %d ms (head 0x%x, tail 0x%x, Status 0x%x); reset it"
            .formatted(
                unit.unitId(),
                what,
                unit.waiting().timeoutMillis(),
                unit.mmio().read64(RegisterMap.CMD_BUF_HEAD),
                unit.mmio().read64(RegisterMap.CMD_BUF_TAIL),
                unit.mmio().read64(RegisterMap.STATUS)));
  }

  /** Adds the counters. */
  void count(Map<String, Long> counters) {
    counters.put("commands", submitted.get());
    counters.put("commands.refused", refused.get());
  }
}
