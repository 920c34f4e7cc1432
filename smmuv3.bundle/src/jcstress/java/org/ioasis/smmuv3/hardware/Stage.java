package org.ioasis.smmuv3.hardware;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Endpoint;
import org.ioasis.api.machine.StallEnd;
import org.ioasis.api.machine.TimeSource;
import org.ioasis.api.machine.Translation;
import org.ioasis.api.machine.Translation.Refusal;
import org.ioasis.api.machine.UnitEnvironment;
import org.ioasis.api.machine.Work;
import org.ioasis.api.machine.WorkQueue;
import org.ioasis.api.memory.PhysicalMemory;

/**
 * A running unit for one race: one software, one device whose pages stall when they are missing,
 * and a grace that is real: a CMD_SYNC waits for the device's burst.
 *
 * <p><b>Threading:</b> one thread is software, one is the device.
 */
final class Stage implements UnitEnvironment, Endpoint {
  /** What a DMA came to. */
  static final int STALLED = 0, TRANSLATED = 1, REFUSED = 2;

  static final long CMDQEN = 8, EVENTQEN = 4, SMMUEN = 1;
  static final long SYNC = 0x46, CFGI_STE = 0x3, STALL_TERM = 0x45, RESUME_RETRY = 0x1044;
  static final long NH_VA = 0x002A_0000_0000_0012L;
  static final long OF_SID = (long) Rig.SID << 32;

  private static final long STALL_MODEL = 1L << 44;
  private static final int CR0 = 0x20, CR0ACK = 0x24, GERROR = 0x60, GERRORN = 0x64;
  private static final int CMDQ_PROD = 0x98, CMDQ_CONS = 0x9C;

  final RaceMemory memory =
      RaceMemory.programmed().at(Rig.CD, Rig.CD_Q0 | STALL_MODEL).at(Rig.LEAF, 0);
  final AtomicInteger retried = new AtomicInteger();
  final AtomicInteger aborted = new AtomicInteger();

  /** Odd while the device is inside a burst. */
  private final AtomicLong bursts = new AtomicLong();

  private final SmmuUnit unit;
  private long produced;

  Stage() {
    unit =
        new SmmuUnit(
            this,
            SmmuProfiles.FULL,
            Capabilities.of(SmmuProfiles.FULL),
            new TranslationCaches(new CacheGeometry(4, 4, 4, 4, 8, 24, 0)));
    unit.mmio().write64(0x80, Rig.STREAMS);
    unit.mmio().write32(0x88, 8);
    unit.mmio().write64(0x90, Rig.COMMANDS | 3);
    unit.mmio().write64(0xA0, Rig.EVENTS | 3);
    enable(CMDQEN | EVENTQEN);
    enable(CMDQEN | EVENTQEN | SMMUEN);
  }

  /** Writes CR0 and waits until it is acknowledged. */
  void enable(long bits) {
    unit.mmio().write32(CR0, (int) bits);
    while (unit.mmio().read32(CR0ACK) != bits) {
      Thread.onSpinWait();
    }
  }

  /** Puts a command into the ring; the unit does not know yet. */
  Stage put(long lo, long hi) {
    memory.at(Rig.COMMANDS + (produced & 7) * 16, lo, hi);
    produced = (produced + 1) & 15;
    return this;
  }

  /** Tells the unit. */
  void ring() {
    unit.mmio().write32(CMDQ_PROD, (int) produced);
  }

  /** Tells the unit and waits until it has executed everything. */
  void ringAndWait() {
    ring();
    while (consumed() != produced) {
      Thread.onSpinWait();
    }
  }

  /** CMDQ_CONS.RD. */
  int consumed() {
    return unit.mmio().read32(CMDQ_CONS) & 0xF_FFFF;
  }

  /** Errors that are active. */
  int errors() {
    return unit.mmio().read32(GERROR) ^ unit.mmio().read32(GERRORN);
  }

  void acknowledgeErrors() {
    unit.mmio().write32(GERRORN, unit.mmio().read32(GERROR));
  }

  /** A read in a burst of its own. */
  int dma() {
    DmaRequest request =
        new DmaRequest().set(Rig.SID, DmaRequest.NO_PASID, Rig.IOVA, 4, DmaRequest.READ);
    bursts.incrementAndGet();
    long answer = unit.translate(request);
    bursts.incrementAndGet();
    if (Translation.isPresent(answer)) {
      return TRANSLATED;
    }
    return Translation.refusal(answer) == Refusal.STALLED ? STALLED : REFUSED;
  }

  /** Transactions that the unit holds. */
  int held() {
    var counters = unit.counters();
    long ended = counters.get("stalls.retried") + counters.get("stalls.ended");
    return (int) (counters.get("stalls.held") - ended);
  }

  // The device.

  @Override
  public void stallEnded(long stallTag, StallEnd end) {
    (end == StallEnd.RETRY ? retried : aborted).incrementAndGet();
  }

  // What the unit sees.

  @Override
  public String unitId() {
    return "smmu0";
  }

  @Override
  public PhysicalMemory memory() {
    return memory;
  }

  @Override
  public TimeSource time() {
    return new TimeSource() {
      @Override
      public long nanoTime() {
        return 0;
      }

      @Override
      public Timer schedule(long delayNanos, Runnable action) {
        return () -> true;
      }

      @Override
      public boolean await(BooleanSupplier condition, long timeoutNanos) {
        throw new AssertionError("a unit does not wait");
      }
    };
  }

  @Override
  public WorkQueue workQueue(String name, Work work) {
    return new Place(name, work);
  }

  @Override
  public void raiseMsi(long address, int data) {
    throw new AssertionError("no message is programmed");
  }

  @Override
  public Optional<Endpoint> endpoint(int sourceId) {
    return Optional.of(this);
  }

  @Override
  public long graceTicket() {
    long now = bursts.get();
    return (now & 1) == 0 ? -1 : now;
  }

  @Override
  public boolean graceElapsed(long ticket) {
    return ticket < 0 || bursts.get() != ticket;
  }

  /** Turns in the thread that asks for the first; who asks meanwhile leaves it to that one. */
  private static final class Place implements WorkQueue {
    private final String name;
    private final Work work;
    private final AtomicInteger kicks = new AtomicInteger();

    Place(String name, Work work) {
      this.name = name;
      this.work = work;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public void kick() {
      if (kicks.getAndIncrement() != 0) {
        return;
      }
      int seen;
      do {
        seen = kicks.get();
        while (work.run() == Work.Progress.WAITING) {
          Thread.onSpinWait();
        }
      } while (!kicks.compareAndSet(seen, 0));
    }

    @Override
    public boolean pending() {
      return kicks.get() != 0;
    }
  }
}
