package org.ioasis.smmuv3.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.ioasis.api.machine.AtcInvalidation;
import org.ioasis.api.machine.DmaBurst;
import org.ioasis.api.machine.DmaPort;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Endpoint;
import org.ioasis.api.machine.EndpointSpec;
import org.ioasis.api.machine.Machine;
import org.ioasis.api.machine.MachineSpec;
import org.ioasis.api.machine.Scheduler;
import org.ioasis.api.machine.Translation;
import org.ioasis.api.machine.UnitEnvironment;
import org.ioasis.api.memory.MemoryRegion;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.machine.DefaultMachineFactory;
import org.ioasis.testing.Between;
import org.ioasis.testing.Dawdle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A device writes through one IOVA while software moves the page behind it: new descriptor, TLBI
 * and ATC_INV, CMD_SYNC. When CMD_SYNC has been consumed the old page becomes a canary: nothing may
 * arrive there any more. Seen as data, with each scheduler; and each of three planted bugs is seen
 * too.
 */
@SuppressWarnings("ThreadPriorityCheck") // for speed alone: there may be one processor only
class CanaryTest {
  private static final int SID = 1;
  private static final long IOVA = Rig.IOVA & -0x1000L;
  private static final long[] PAGES = {0x50_0000L, 0x60_0000L};
  private static final long CANARY = 0xC0FFEE_C0FFEEL;
  private static final int ROUNDS = 60, BUDGET = 400;

  /**
   * How long a device holds a translation for the software to overtake it: a unit waits as long.
   */
  private static final long HELD_NANOS = 2_000_000;

  private enum Bug {
    NONE,
    /** CMD_SYNC does not wait for bursts. */
    NO_GRACE,
    /** Fills are not compared with the epoch of their start. */
    NO_EPOCH,
    /** The device's own TLB is not told. */
    NO_ATC_INVALIDATION
  }

  /** A device with a translation of its own, if it uses ATS. */
  private static final class Atc implements Endpoint {
    private long page = -1;
    private int invalidations;

    @Override
    public void invalidateAtc(AtcInvalidation invalidation, Runnable completed) {
      synchronized (this) {
        page = -1;
        invalidations++;
      }
      completed.run();
    }

    synchronized long page() {
      return page;
    }

    synchronized int invalidations() {
      return invalidations;
    }

    /** Keeps an answer, unless there was an invalidation since its request. */
    synchronized void keep(long answer, int before) {
      page = invalidations == before ? answer : page;
    }
  }

  private final AtomicBoolean stop = new AtomicBoolean();
  private final AtomicLong bursts = new AtomicLong();
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final Atc atc = new Atc();
  private Thread device;
  private long prod;

  private final AtomicLong walks = new AtomicLong();

  /** A walk that has read the old leaf shall dawdle until its invalidation has been done. */
  private volatile boolean overtaking;

  /** A burst that has a translation shall hold it until the canary has been laid. */
  private volatile boolean moving;

  @AfterEach
  void join() throws InterruptedException {
    stop.set(true);
    device.join();
  }

  @ParameterizedTest(name = "{0}, ATS {1}")
  @CsvSource({"INLINE, false", "THREADED, false", "STEPS, false", "INLINE, true", "THREADED, true"})
  @DisplayName("nothing arrives in the old page after CMD_SYNC")
  @Timeout(60)
  void nothingArrives(Scheduler.Mode mode, boolean ats) {
    assertThat(run(mode, ats, Bug.NONE, ROUNDS)).as("round that found data").isEqualTo(-1);
    assertThat(failure.get()).isNull();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"NO_GRACE, false", "NO_EPOCH, false", "NO_ATC_INVALIDATION, true"})
  @DisplayName("a planted bug is seen in the canary")
  @Timeout(60)
  void plantedBugsAreSeen(Bug bug, boolean ats) {
    assertThat(run(Scheduler.Mode.THREADED, ats, bug, BUDGET))
        .as("round that found data")
        .isNotNegative();
  }

  /** Runs rounds; the first one in which the canary died, or -1. */
  private int run(Scheduler.Mode mode, boolean ats, Bug bug, int rounds) {
    MachineSpec spec =
        MachineSpec.isolated("canary", 48, List.of(MemoryRegion.ram(0, 0x400_0000L)))
            .withScheduler(mode)
            .withSeed(7);
    try (Machine machine = new DefaultMachineFactory().create(spec)) {
      SmmuUnit unit = unit(machine, bug);
      machine.fabric().install("smmu0", unit);
      EndpointSpec plain = EndpointSpec.plain("nic", SID);
      DmaPort port = machine.fabric().join(plain, atc);
      machine.fabric().port(SID).orElseThrow().open("smmu0");
      program(machine, unit);
      device = new Thread(() -> device(port, ats, bug), "device");
      device.start();
      try {
        for (int round = 0; round < rounds; round++) {
          if (!move(machine, unit, round, bug, ats)) {
            return round;
          }
        }
        return -1;
      } finally {
        stop.set(true);
        device.join();
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private SmmuUnit unit(Machine machine, Bug bug) {
    TranslationCaches caches =
        new TranslationCaches(CacheGeometry.DEFAULT) {
          @Override
          void raise() {
            if (bug != Bug.NO_EPOCH) {
              super.raise();
            }
          }
        };
    UnitEnvironment environment = planted(machine.environment("smmu0"), bug);
    Capabilities can = Capabilities.of(SmmuProfiles.FULL);
    return new SmmuUnit(environment, SmmuProfiles.FULL, can, caches);
  }

  /** The environment, with memory that dawdles at the leaf, and perhaps without a grace. */
  private UnitEnvironment planted(UnitEnvironment real, Bug bug) {
    PhysicalMemory memory =
        Between.stand(
            PhysicalMemory.class,
            real.memory(),
            (name, arguments, result) -> {
              if (name.equals("load64") && (long) arguments[0] == Rig.LEAF) {
                walks.incrementAndGet();
                Dawdle.until(() -> !overtaking, Dawdle.PATIENCE_NANOS);
              }
              return result;
            });
    return Between.stand(
        UnitEnvironment.class,
        real,
        (name, arguments, result) -> {
          if (name.equals("memory")) {
            return memory;
          }
          if (name.equals("graceTicket") && moving) {
            overtaking = false; // the queue asks for a ticket when it has invalidated
          }
          return name.equals("graceElapsed") && bug == Bug.NO_GRACE ? (Object) true : result;
        });
  }

  private static void program(Machine machine, SmmuUnit unit) {
    long[][] words = {
      {Rig.STREAMS + 64, 0xBL | Rig.CD},
      {Rig.STREAMS + 72, 1L << 28},
      {Rig.CD, Rig.CD_Q0},
      {Rig.CD + 8, Rig.TTB},
      {Rig.TTB + 0x120, 0x40_1003L},
      {0x40_1688, 0x40_2003L},
      {0x40_2598, 0x40_3003L},
      {Rig.LEAF, PAGES[0] | 0xF47}
    };
    for (long[] word : words) {
      machine.memory().store64(word[0], word[1]);
    }
    unit.mmio().write64(0x80, Rig.STREAMS);
    unit.mmio().write32(0x88, 8);
    unit.mmio().write64(0x90, Rig.COMMANDS | 6);
    unit.mmio().write64(0xA0, Rig.EVENTS | 4);
    enable(machine, unit, 0xC);
    enable(machine, unit, 0x1D);
  }

  private static void enable(Machine machine, SmmuUnit unit, int enables) {
    unit.mmio().write32(0x20, enables);
    while (unit.mmio().read32(0x24) != enables) {
      turn(machine);
    }
  }

  private static void turn(Machine machine) {
    if (machine.scheduler().mode() == Scheduler.Mode.STEPS) {
      machine.scheduler().step();
    }
    Thread.yield();
  }

  private void device(DmaPort port, boolean ats, Bug bug) {
    DmaBurst burst = port.burst();
    DmaRequest request = new DmaRequest();
    try {
      for (long number = 1; !stop.get(); number++) {
        burst.begin();
        request.set(SID, DmaRequest.NO_PASID, IOVA, 8, DmaRequest.WRITE);
        long translation = ats ? byAts(burst, request) : burst.translate(request);
        if (!Translation.isPresent(translation)) {
          throw new AssertionError("refused: " + Translation.toString(translation));
        }
        Dawdle.until(() -> !moving, bug == Bug.NO_GRACE ? Dawdle.PATIENCE_NANOS : HELD_NANOS);
        burst.store(translation, 8, number);
        burst.end();
        bursts.incrementAndGet();
      }
    } catch (RuntimeException | AssertionError e) {
      failure.set(e);
    }
  }

  /** Asks once, then uses what it was told until it is told to forget. */
  private long byAts(DmaBurst burst, DmaRequest request) {
    long page = atc.page();
    if (page == -1) {
      int before = atc.invalidations();
      request.addressType(DmaRequest.AT_TRANSLATION_REQUEST);
      long answer = burst.translate(request);
      page = Translation.address(answer);
      atc.keep(page, before);
    }
    request.iova(page).addressType(DmaRequest.AT_TRANSLATED);
    return burst.translate(request);
  }

  /** Returns when the device is in the middle of a walk that has read the old leaf. */
  private void awaitWalk(Machine machine, SmmuUnit unit) {
    long before = walks.get();
    overtaking = true;
    put(machine, 0x002A_0000_0000_0012L, IOVA | 1);
    unit.mmio().write32(0x98, (int) prod);
    Dawdle.until(
        () -> {
          turn(machine);
          return walks.get() != before || failure.get() != null;
        },
        Dawdle.PATIENCE_NANOS);
  }

  private boolean move(Machine machine, SmmuUnit unit, int round, Bug bug, boolean ats) {
    long from = PAGES[round & 1];
    long to = PAGES[(round + 1) & 1];
    if (!ats) {
      awaitWalk(machine, unit);
    }
    moving = true;
    machine.memory().store64(Rig.LEAF, to | 0xF47);
    put(machine, 0x002A_0000_0000_0012L, IOVA | 1);
    if (bug != Bug.NO_ATC_INVALIDATION) {
      put(machine, 0x46, 0);
      put(machine, 0x1_0000_0040L, IOVA);
    }
    put(machine, 0x46, 0);
    machine.memory().barrier();
    unit.mmio().write32(0x98, (int) prod);
    while ((unit.mmio().read32(0x9C) & 0x7F) != prod && failure.get() == null) {
      turn(machine);
    }
    machine.memory().store64(from, CANARY);
    moving = false;
    long seen = bursts.get();
    while (bursts.get() < seen + 3 && failure.get() == null) {
      turn(machine);
    }
    return machine.memory().load64(from) == CANARY;
  }

  private void put(Machine machine, long lo, long hi) {
    machine.memory().store64(Rig.COMMANDS + (prod & 63) * 16, lo);
    machine.memory().store64(Rig.COMMANDS + (prod & 63) * 16 + 8, hi);
    prod = (prod + 1) & 127;
  }
}
