package org.ioasis.vtd.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.ioasis.api.hardware.HardwareUnit;
import org.ioasis.api.machine.DmaBurst;
import org.ioasis.api.machine.DmaPort;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Endpoint;
import org.ioasis.api.machine.EndpointSpec;
import org.ioasis.api.machine.Machine;
import org.ioasis.api.machine.MachineSpec;
import org.ioasis.api.machine.TimeSource;
import org.ioasis.api.machine.Translation;
import org.ioasis.api.machine.UnitEnvironment;
import org.ioasis.api.machine.Work;
import org.ioasis.api.machine.WorkQueue;
import org.ioasis.api.memory.MemoryRegion;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.kit.cache.InvalidationEpoch;
import org.ioasis.machine.DefaultMachineFactory;
import org.ioasis.testing.Between;
import org.ioasis.testing.Dawdle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Two devices write through one page while software moves it, invalidates, waits, and lays a canary
 * into the frame that it took away. A correct unit never kills one; with a planted error the test
 * must see a dead canary within its budget. Nobody asks translate; the data tells.
 */
@SuppressWarnings("ThreadPriorityCheck") // for speed alone: there may be one processor only
class CanaryTest {
  private static final int SID = 0x329, OTHER = 0x32A;
  private static final long IOVA = 0x1234_5678_9000L, LEAF = 0x20_3C48L;
  private static final long QUEUE = 0x14_0000L, STATUS = 0x15_0000L, CANARY = 0xC0FFEEL;
  private static final long[] FRAMES = {0x40_0000L, 0x41_0000L, 0x42_0000L, 0x43_0000L};
  private static final int CLEAN_ROUNDS = 40, BUDGET = 300;

  /**
   * How long a device holds a translation for the software to overtake it: a unit waits as long.
   */
  private static final long HELD_NANOS = 10_000_000;

  /** What software is at: it rests, wants a walk that has read the old entry, or overtakes it. */
  private static final int RESTS = 0, WANTS_A_WALK = 1, OVERTAKES = 2;

  /** What is wrong with the unit. */
  enum Planted {
    /** Nothing. */
    NONE,
    /** A fill does not notice that an invalidation has overtaken it. */
    NO_EPOCH_CHECK,
    /** A wait does not wait for open bursts. */
    NO_GRACE
  }

  private final AtomicBoolean stop = new AtomicBoolean();
  private final AtomicLong[] bursts = {new AtomicLong(), new AtomicLong()};
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final AtomicLong walks = new AtomicLong();
  private final AtomicLong laid = new AtomicLong();
  private volatile int stage = RESTS;
  private volatile long walkedAt;
  private InvalidationEpoch epoch;
  private long held = HELD_NANOS;
  private long tail;

  @ParameterizedTest
  @EnumSource(Planted.class)
  @Timeout(60)
  void canariesLiveUnlessSomethingIsWrong(Planted planted) throws Exception {
    MachineSpec spec =
        MachineSpec.isolated("canary", 48, List.of(MemoryRegion.ram(0, 0x400_0000L)));
    try (Machine machine = new DefaultMachineFactory().create(spec)) {
      UnitEnvironment environment = new Environment(machine.environment("dmar0"), planted);
      HardwareUnit unit = new VtdFactory().create(environment, VtdProfiles.FULL);
      epoch = ((VtdUnit) unit).translator().caches().epoch;
      held = planted == Planted.NO_GRACE ? Dawdle.PATIENCE_NANOS : HELD_NANOS;
      machine.fabric().install("dmar0", unit);
      program(machine, unit);
      Thread[] devices = {device(machine, SID, 0), device(machine, OTHER, 1)};
      for (Thread device : devices) {
        device.start();
      }
      int dead = 0;
      try {
        int rounds = planted == Planted.NONE ? CLEAN_ROUNDS : BUDGET;
        for (int round = 0; round < rounds && (dead == 0 || planted == Planted.NONE); round++) {
          dead += movePage(machine, unit, round);
        }
      } finally {
        stop.set(true);
        for (Thread device : devices) {
          device.join();
        }
      }
      assertThat(failure.get()).isNull();
      if (planted == Planted.NONE) {
        assertThat(dead).as("dead canaries").isZero();
      } else {
        assertThat(dead).as("%s was not seen in %d rounds", planted, BUDGET).isPositive();
      }
    }
  }

  private static void program(Machine machine, HardwareUnit unit) {
    Fixture.legacy().snapshot().forEach((at, word) -> machine.memory().store64(at, word));
    machine.memory().store64(0x10_12A0L, 0x20_0001L); // the other device, same domain
    machine.memory().store64(0x10_12A8L, 0x4202L);
    machine.memory().store64(LEAF, FRAMES[0] | 3);
    unit.mmio().write64(0x20, 0x10_0000L);
    unit.mmio().write32(0x18, 0x4000_0000);
    unit.mmio().write64(0x90, QUEUE | 0x801);
    unit.mmio().write32(0x18, 0x8400_0000);
  }

  private Thread device(Machine machine, int source, int index) {
    DmaPort port =
        machine.fabric().join(EndpointSpec.plain("nic" + index, source), new Endpoint() {});
    machine.fabric().port(source).orElseThrow().open("dmar0");
    return new Thread(() -> write(port, source, index), "device " + index);
  }

  private void write(DmaPort port, int source, int index) {
    DmaBurst burst = port.burst();
    DmaRequest request = new DmaRequest();
    try {
      for (long number = 1; !stop.get(); number++) {
        burst.begin();
        long translation =
            burst.translate(
                request.set(source, DmaRequest.NO_PASID, IOVA + 8L * index, 8, DmaRequest.WRITE));
        if (!Translation.isPresent(translation)) {
          throw new AssertionError("refused: " + Translation.toString(translation));
        }
        long canaries = laid.get();
        Dawdle.until(() -> laid.get() != canaries, held);
        burst.store(translation, 8, number);
        burst.end();
        bursts[index].incrementAndGet();
      }
    } catch (RuntimeException | AssertionError e) {
      failure.set(e);
    }
  }

  /** Moves the page on; the number of canaries that died in the frame that was taken away. */
  private int movePage(Machine machine, HardwareUnit unit, int round) {
    long from = FRAMES[round % FRAMES.length];
    long to = FRAMES[(round + 1) % FRAMES.length];
    long before = walks.get();
    stage = WANTS_A_WALK;
    put(machine, 0x0042_00F2L, IOVA); // so that a device walks, and has read the old entry
    unit.mmio().write32(0x88, (int) tail);
    Dawdle.until(() -> walks.get() != before, Dawdle.PATIENCE_NANOS);
    machine.memory().store64(LEAF, to | 3);
    machine.memory().store32(STATUS, 0);
    switch (round % 4) {
      case 0, 1 -> put(machine, 0x0042_00F2L, IOVA);
      case 2 -> put(machine, 0x0042_00E2L, 0);
      default -> put(machine, 0x0000_00D2L, 0);
    }
    put(machine, 0x0000_0002_0000_0025L, STATUS);
    machine.memory().barrier();
    stage = OVERTAKES;
    unit.mmio().write32(0x88, (int) tail);
    while (machine.memory().load32(STATUS) != 2 && failure.get() == null) {
      Thread.yield();
    }
    machine.memory().store64(from, CANARY);
    machine.memory().store64(from + 8, CANARY);
    laid.incrementAndGet();
    for (AtomicLong device : bursts) {
      long seen = device.get();
      while (device.get() < seen + 2 && failure.get() == null) {
        Thread.yield();
      }
    }
    return (machine.memory().load64(from) == CANARY ? 0 : 1)
        + (machine.memory().load64(from + 8) == CANARY ? 0 : 1);
  }

  private void put(Machine machine, long word0, long word1) {
    long at = QUEUE + tail;
    machine.memory().store64(at, word0);
    machine.memory().store64(at + 8, word1);
    machine.memory().store64(at + 16, 0);
    machine.memory().store64(at + 24, 0);
    tail = (tail + 32) & 0x1FFF;
  }

  /** The machine's environment, with memory in which walks dawdle, and the planted error. */
  private final class Environment implements UnitEnvironment {
    private final UnitEnvironment real;
    private final Planted planted;
    private final PhysicalMemory memory;

    Environment(UnitEnvironment real, Planted planted) {
      this.real = real;
      this.planted = planted;
      this.memory = dawdling(real.memory());
    }

    @Override
    public String unitId() {
      return real.unitId();
    }

    @Override
    public PhysicalMemory memory() {
      return memory;
    }

    @Override
    public TimeSource time() {
      return real.time();
    }

    @Override
    public WorkQueue workQueue(String name, Work work) {
      return real.workQueue(name, work);
    }

    @Override
    public void raiseMsi(long address, int data) {
      real.raiseMsi(address, data);
    }

    @Override
    public Optional<Endpoint> endpoint(int sourceId) {
      return real.endpoint(sourceId);
    }

    /** The queue asks for a ticket right after it has invalidated. */
    @Override
    public long graceTicket() {
      if (planted == Planted.NO_EPOCH_CHECK) {
        forgetInvalidations();
      }
      if (stage == OVERTAKES) {
        stage = RESTS;
      }
      return real.graceTicket();
    }

    @Override
    public boolean graceElapsed(long ticket) {
      return planted == Planted.NO_GRACE || real.graceElapsed(ticket);
    }
  }

  /** The epoch is the one that the walk has read, so that its fill finds nothing amiss. */
  private void forgetInvalidations() {
    try {
      Field value = InvalidationEpoch.class.getDeclaredField("value");
      value.setAccessible(true);
      ((AtomicLong) value.get(epoch)).set(walkedAt);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(e.getMessage(), e);
    }
  }

  /** Waits between the load of the leaf entry and what the walk does with it. */
  private PhysicalMemory dawdling(PhysicalMemory memory) {
    return Between.stand(
        PhysicalMemory.class,
        memory,
        (method, arguments, result) -> {
          if (method.equals("load64") && (long) arguments[0] == LEAF) {
            walkedAt = epoch.current();
            walks.incrementAndGet();
            Dawdle.until(() -> stage == RESTS, Dawdle.PATIENCE_NANOS);
          }
          return result;
        });
  }
}
