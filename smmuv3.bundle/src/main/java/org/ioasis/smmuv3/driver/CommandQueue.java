package org.ioasis.smmuv3.driver;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.memory.FrameAllocator;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.smmuv3.format.CmdqCons;
import org.ioasis.smmuv3.format.Command;
import org.ioasis.smmuv3.format.Gerror;
import org.ioasis.smmuv3.format.QueueBase;
import org.ioasis.smmuv3.format.RegisterMap;
import org.ioasis.smmuv3.format.Sync;

/**
 * The driver&#39;s side of the command queue. Every submission ends in a CMD_SYNC; the consumer
 * index passes it once everything before has completed. "Command queue".
 *
 * <p>A command that is illegal is overwritten by a CMD_SYNC and the error acknowledged: its
 * submission fails alone. A CMD_SYNC that found an ATC silent is told to its submission too.
 *
 * <p><b>Threading:</b> any thread. {@code lock} guards the producer index, the owners and the
 * outcomes; it is held while the doorbell is rung and while space is waited for, not while
 * completion is. Positions count commands since the queue was made and never wrap.
 */
final class CommandQueue {
  private static final int WANTED_LG2 = 8;
  private static final int ABORTS_TOLERATED = 3;

  private final UnitAccess unit;
  private final PhysicalMemory memory;
  private final FrameAllocator frames;
  private final boolean coherent;
  private final int entriesLg2;
  private final int mask;
  private final ReentrantLock lock = new ReentrantLock();
  private final long[] owner;
  private final Map<Long, String> failures = new HashMap<>();
  private final Set<Long> silent = new HashSet<>();
  private final AtomicLong submitted = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();
  private long base;
  private long produced; // guarded by lock
  private int aborts; // guarded by lock
  private volatile long consumed;

  CommandQueue(
      UnitAccess unit,
      PhysicalMemory memory,
      FrameAllocator frames,
      boolean coherent,
      long largestLg2) {
    this.unit = unit;
    this.memory = memory;
    this.frames = frames;
    this.coherent = coherent;
    this.entriesLg2 = Claims.queueLg2(WANTED_LG2, largestLg2);
    this.mask = (1 << entriesLg2) - 1;
    this.owner = new long[1 << entriesLg2];
  }

  private int frameLg2() {
    return Math.max(FrameAllocator.FRAME_LG2, entriesLg2 + QueueBase.COMMAND_LG2);
  }

  private long register(long address) {
    return QueueBase.ADDR.ofInPlace(address)
        | QueueBase.LOG2SIZE.of(entriesLg2)
        | QueueBase.HINT.mask();
  }

  /** Allocates the queue and tells the unit; it is off. */
  void place() {
    base = frames.allocate(frameLg2());
    unit.write64(RegisterMap.CMDQ_BASE, register(base));
    unit.write32(RegisterMap.CMDQ_PROD, 0);
    unit.write32(RegisterMap.CMDQ_CONS, 0);
  }

  /** Goes on with the queue that the unit has; false if it is none that this class made. */
  boolean adopt() {
    long now = unit.read64(RegisterMap.CMDQ_BASE);
    base = QueueBase.ADDR.inPlace(now);
    produced = unit.read32(RegisterMap.CMDQ_PROD);
    consumed = produced - pending();
    return now == register(base);
  }

  /** Address of the queue. */
  long base() {
    return base;
  }

  /** Gives the memory back; the queue is off. */
  void free() {
    frames.free(base, frameLg2());
  }

  /** What a submission met. */
  enum Outcome {
    /** Everything completed. */
    DONE,
    /** A device did not answer an invalidation. */
    ATC_SILENT
  }

  /**
   * Executes commands and waits until the unit has completed them; with an empty list, waits for
   * everything before.
   *
   * @throws IoasisException HARDWARE if the unit refuses one of them or does not complete in time
   */
  Outcome run(CommandList list) {
    Outcome outcome = Outcome.DONE;
    int at = 0;
    do {
      int count = Math.min(mask / 2, list.count() - at);
      if (await(submit(list, at, count)) == Outcome.ATC_SILENT) {
        outcome = Outcome.ATC_SILENT;
      }
      at += count;
    } while (at < list.count());
    return outcome;
  }

  /** Submits commands and a CMD_SYNC; says the position behind it. */
  private long submit(CommandList list, int from, int count) {
    lock.lock();
    try {
      requireSpace(count + 1);
      long end = produced + count + 1;
      for (int i = from; i < from + count; i++) {
        put(list.word0(i), list.word1(i), end);
      }
      put(sync(), 0, end);
      memory.barrier();
      submitted.addAndGet(count);
      unit.write32(RegisterMap.CMDQ_PROD, produced & 2L * mask + 1);
      return end;
    } finally {
      lock.unlock();
    }
  }

  private static long sync() {
    return Command.OPCODE.of(Command.SYNC) | Sync.CS.of(Sync.CS_NONE);
  }

  private void put(long word0, long word1, long end) {
    int slot = (int) produced & mask;
    store(slot, word0, word1);
    owner[slot] = end;
    produced++;
  }

  private void store(int slot, long word0, long word1) {
    long at = base + ((long) slot << QueueBase.COMMAND_LG2);
    memory.store64(at, word0);
    memory.store64(at + 8, word1);
    if (!coherent) {
      memory.clean(at, Command.BYTES);
    }
  }

  private void requireSpace(int slots) {
    if (!hasSpace(slots) && !unit.waiting().await(() -> hasSpace(slots))) {
      throw stopped("no space in the command queue");
    }
  }

  private boolean hasSpace(int slots) {
    look();
    return mask + 1 - (produced - consumed) >= slots;
  }

  /** Commands that the unit has not consumed; the lock is held. */
  private long pending() {
    return produced - unit.read32(RegisterMap.CMDQ_CONS) & 2L * mask + 1;
  }

  /** Sees how far the unit is, and serves an error; the lock is held. */
  private void look() {
    serveError();
    consumed = produced - pending();
  }

  private boolean isDone(long end) {
    if (consumed >= end) {
      return true;
    }
    if (lock.tryLock()) {
      try {
        look();
      } finally {
        lock.unlock();
      }
    }
    return consumed >= end;
  }

  private Outcome await(long end) {
    if (!isDone(end) && !unit.waiting().await(() -> isDone(end))) {
      throw stopped("a CMD_SYNC was not completed");
    }
    lock.lock();
    try {
      String why = failures.remove(end);
      if (why != null) {
        throw new IoasisException(Reason.HARDWARE, why);
      }
      return silent.remove(end) ? Outcome.ATC_SILENT : Outcome.DONE;
    } finally {
      lock.unlock();
    }
  }

  /** Takes the cause of CMDQ_ERR out of the way; the lock is held. */
  private void serveError() {
    long error = unit.read32(RegisterMap.GERROR);
    long known = unit.read32(RegisterMap.GERRORN);
    if (!Gerror.CMDQ_ERR.isSet(error ^ known)) {
      return;
    }
    long cons = unit.read32(RegisterMap.CMDQ_CONS);
    int slot = (int) CmdqCons.RD.get(cons) & mask;
    switch ((int) CmdqCons.ERR.get(cons)) {
      case CmdqCons.CERROR_ATC_INV_SYNC -> silent.add(owner[slot]);
      case CmdqCons.CERROR_ABT -> abort(slot);
      case CmdqCons.CERROR_NONE -> {} // the acknowledge makes it go on
      default -> illegal(slot);
    }
    unit.write32(RegisterMap.GERRORN, known ^ Gerror.CMDQ_ERR.mask());
  }

  private void illegal(int slot) {
    long at = base + ((long) slot << QueueBase.COMMAND_LG2);
    long word0 = memory.load64(at);
    refused.incrementAndGet();
    failures.put(
        owner[slot],
        "unit %s refused %s 0x%x 0x%x at 0x%x as illegal; nothing was freed"
            .formatted(
                unit.unitId(),
                Command.name(Command.opcode(word0)),
                word0,
                memory.load64(at + 8),
                at));
    store(slot, sync(), 0);
    memory.barrier();
  }

  private void abort(int slot) {
    if (++aborts > ABORTS_TOLERATED) {
      throw stopped("the queue cannot be read at command %d".formatted(slot));
    }
  }

  private IoasisException stopped(String what) {
    return new IoasisException(
        Reason.HARDWARE,
        "unit %s stopped processing: %s within %d ms (CMDQ_PROD 0x%x, CMDQ_CONS 0x%x, GERROR 0x%x);"
                .formatted(
                    unit.unitId(),
                    what,
                    unit.waiting().timeoutMillis(),
                    unit.read32(RegisterMap.CMDQ_PROD),
                    unit.read32(RegisterMap.CMDQ_CONS),
                    unit.read32(RegisterMap.GERROR))
            + " reset it");
  }

  /** Adds the counters. */
  void count(Map<String, Long> counters) {
    counters.put("commands", submitted.get());
    counters.put("commands.refused", refused.get());
  }
}
