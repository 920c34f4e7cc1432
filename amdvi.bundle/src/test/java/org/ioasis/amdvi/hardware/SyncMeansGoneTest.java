package org.ioasis.amdvi.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.ioasis.api.hardware.HardwareUnit;
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
import org.ioasis.machine.DefaultMachineFactory;
import org.ioasis.testing.Between;
import org.ioasis.testing.Dawdle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A device writes a running number through one IOVA while software moves the page behind it and
 * waits for COMPLETION_WAIT. When that has completed, nothing may arrive in the old page, the
 * canary frame, any more: seen as data, on a machine with each of its schedulers. In every other
 * round the page is moved while the device holds a translation, for certain; in the others when it
 * comes to it. With a planted bug something does arrive, within the same budget.
 */
@SuppressWarnings("ThreadPriorityCheck") // for speed alone: there may be one processor only
class SyncMeansGoneTest {
  private static final int SID = 0x340;
  private static final long IOVA = 0x1234567000L;
  private static final long LEAF = 0x20_2B38L;
  private static final long[] PAGES = {0x40_0000L, 0x41_0000L};
  private static final long COMMANDS = 0x14_0000L;
  private static final long STORE = 0x15_0000L;
  private static final int ROUNDS = 200;

  /** How long a device holds a translation for a wait to end too early, if the unit is sound. */
  private static final long HELD_NANOS = 1_000_000;

  /** A mistake that the test must see. */
  private enum Bug {
    NONE,
    /** COMPLETION_WAIT does not wait for open bursts. */
    NO_GRACE,
    /** The invalidation of the device&#39;s translation cache is left out. */
    NO_ATC,
    /** A translation that began before an invalidation is used after it. */
    NO_INVALIDATION
  }

  private final AtomicBoolean stop = new AtomicBoolean();
  private final AtomicLong bursts = new AtomicLong();
  private final AtomicLong holds = new AtomicLong();
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private volatile boolean moving;
  private long held = HELD_NANOS;
  private long tail;
  private int violations;

  @ParameterizedTest
  @EnumSource(Scheduler.Mode.class)
  @Timeout(120)
  void nothingArrivesAfterTheWait(Scheduler.Mode mode) throws Exception {
    run(mode, Bug.NONE, false);
    assertThat(violations).isZero();
  }

  @ParameterizedTest
  @EnumSource(Scheduler.Mode.class)
  @Timeout(120)
  void nothingArrivesThroughTheDevicesOwnCache(Scheduler.Mode mode) throws Exception {
    run(mode, Bug.NONE, true);
    assertThat(violations).isZero();
  }

  @ParameterizedTest
  @CsvSource({"NO_GRACE, false", "NO_INVALIDATION, false", "NO_ATC, true"})
  @Timeout(120)
  void plantedBugsAreSeen(Bug bug, boolean ats) throws Exception {
    run(Scheduler.Mode.THREADED, bug, ats);
    assertThat(violations).as(bug.toString()).isPositive();
  }

  private void run(Scheduler.Mode mode, Bug bug, boolean ats) throws Exception {
    MachineSpec spec =
        MachineSpec.isolated("sync", 48, List.of(MemoryRegion.ram(0, 0x400_0000L)))
            .withScheduler(mode)
            .withSeed(7);
    try (Machine machine = new DefaultMachineFactory().create(spec)) {
      UnitEnvironment environment = machine.environment("iommu0");
      HardwareUnit unit =
          new AmdviFactory()
              .create(bug == Bug.NO_GRACE ? hasty(environment) : environment, AmdviProfiles.FULL);
      machine.fabric().install("iommu0", unit);
      held = bug == Bug.NONE ? HELD_NANOS : Dawdle.PATIENCE_NANOS;
      Device device = new Device(ats);
      EndpointSpec endpoint = new EndpointSpec("nic", SID, false, ats, false, false, 0);
      DmaPort port = machine.fabric().join(endpoint, device);
      machine.fabric().port(SID).orElseThrow().open("iommu0");
      program(machine, unit, ats);
      Thread thread = new Thread(() -> device.run(port), "device");
      thread.start();
      try {
        for (int round = 0; round < ROUNDS && (bug == Bug.NONE || violations == 0); round++) {
          if (bug != Bug.NONE || round % 4 < 2) {
            awaitHold(machine);
          }
          movePage(machine, unit, PAGES[round & 1], PAGES[(round + 1) & 1], bug, ats);
        }
      } finally {
        stop.set(true);
        thread.join();
      }
      assertThat(failure.get()).isNull();
      assertThat(unit.counters()).containsEntry("events.logged", 0L);
    }
  }

  /** A machine that says every grace has elapsed. */
  private static UnitEnvironment hasty(UnitEnvironment real) {
    return Between.stand(
        UnitEnvironment.class,
        real,
        (name, arguments, result) -> name.equals("graceElapsed") ? (Object) true : result);
  }

  /** Mode 3, root 0x200000; one page. */
  private static void program(Machine machine, HardwareUnit unit, boolean ats) {
    long[][] words = {
      {0x10_0000L + SID * 32, 0x6000000000200603L},
      {0x10_0008L + SID * 32, 0x42 | (ats ? 1L << 32 : 0)},
      {0x20_0240L, 0x6000000000201401L},
      {0x20_1D10L, 0x6000000000202201L},
      {LEAF, 0x6000000000000001L | PAGES[0]}
    };
    for (long[] word : words) {
      machine.memory().store64(word[0], word[1]);
    }
    unit.mmio().write64(0x00, 0x10_0007L);
    unit.mmio().write64(0x08, 0x0900000000000000L | COMMANDS);
    unit.mmio().write64(0x10, 0x0900000000160000L);
    unit.mmio().write64(0x18, 0x1405);
  }

  /** Lets the unit's work go on. */
  private static void turn(Machine machine) {
    if (machine.scheduler().mode() == Scheduler.Mode.STEPS) {
      machine.scheduler().step();
    }
    Thread.yield();
  }

  /** Returns when the device has a translation that it will use when the page has moved. */
  private void awaitHold(Machine machine) {
    long before = holds.get();
    moving = true;
    Dawdle.until(
        () -> {
          turn(machine);
          return holds.get() != before || failure.get() != null;
        },
        Dawdle.PATIENCE_NANOS);
  }

  private void movePage(
      Machine machine, HardwareUnit unit, long from, long to, Bug bug, boolean ats) {
    machine.memory().store64(LEAF, 0x6000000000000001L | to);
    machine.memory().store64(STORE, 0);
    if (bug != Bug.NO_INVALIDATION) {
      put(machine, 0x3000004200000000L, IOVA);
    }
    if (ats && bug != Bug.NO_ATC) {
      put(machine, 0x4000000000000000L | SID, IOVA);
    }
    put(machine, 0x1000000000000001L | STORE, 2);
    machine.memory().barrier();
    unit.mmio().write32(0x2008, (int) tail);
    while (machine.memory().load64(STORE) != 2 && failure.get() == null) {
      turn(machine);
    }
    long last = machine.memory().load64(from);
    moving = false;
    long seen = bursts.get();
    while (bursts.get() < seen + 3 && failure.get() == null) {
      turn(machine);
    }
    violations += machine.memory().load64(from) != last ? 1 : 0;
  }

  private void put(Machine machine, long word0, long word1) {
    machine.memory().store64(COMMANDS + tail, word0);
    machine.memory().store64(COMMANDS + tail + 8, word1);
    tail = (tail + 16) & 0x1FFF;
  }

  /** Writes, with or without a translation cache of its own. */
  private final class Device implements Endpoint {
    private final boolean ats;
    private long own = -1; // of the device's thread and, under the lock, of invalidations
    private boolean busy;
    private Runnable pending;

    Device(boolean ats) {
      this.ats = ats;
    }

    @Override
    public void invalidateAtc(AtcInvalidation invalidation, Runnable completed) {
      boolean now;
      synchronized (this) {
        own = -1;
        now = !busy;
        pending = now ? null : completed;
      }
      if (now) {
        completed.run();
      }
    }

    private synchronized long enter() {
      busy = true;
      return own;
    }

    private void leave(long translation, long entered) {
      Runnable answer;
      synchronized (this) {
        busy = false;
        answer = pending;
        pending = null;
        if (answer == null && entered == -1) {
          own = translation;
        }
      }
      if (answer != null) {
        answer.run();
      }
    }

    void run(DmaPort port) {
      DmaBurst burst = port.burst();
      DmaRequest request = new DmaRequest();
      try {
        for (long number = 1; !stop.get(); number++) {
          long entered = ats ? enter() : -1;
          long translation = write(burst, request, entered, number);
          if (ats) {
            leave(translation, entered);
          }
          bursts.incrementAndGet();
        }
      } catch (RuntimeException | AssertionError e) {
        failure.set(e);
      }
    }

    private long write(DmaBurst burst, DmaRequest request, long entered, long number) {
      burst.begin();
      try {
        long cached = entered;
        request.set(SID, DmaRequest.NO_PASID, IOVA, 8, DmaRequest.WRITE);
        if (ats) {
          if (cached == -1) {
            cached =
                present(burst.translate(request.addressType(DmaRequest.AT_TRANSLATION_REQUEST)));
          }
          request.set(SID, DmaRequest.NO_PASID, Translation.address(cached), 8, DmaRequest.WRITE);
          request.addressType(DmaRequest.AT_TRANSLATED);
        }
        long translation = present(burst.translate(request));
        hold();
        burst.store(translation, 8, number);
        return cached;
      } finally {
        burst.end();
      }
    }

    /** Between a translation and its use, so that a wait that is under way can end too early. */
    private void hold() {
      if (moving) {
        holds.incrementAndGet();
        Dawdle.until(() -> !moving, held);
      }
    }

    private long present(long translation) {
      if (!Translation.isPresent(translation)) {
        throw new AssertionError("refused: " + Translation.toString(translation));
      }
      return translation;
    }
  }

  /**
   * What a fill without the check of the epoch leaves behind, as data: see the cache&#39;s own
   * test.
   */
  @Test
  @Timeout(120)
  void aFillThatDoesNotLookAtTheEpochIsSeen() throws Exception {
    FillRace checked = new FillRace(true);
    assertThat(checked.stale(2_000)).isZero();
    FillRace unchecked = new FillRace(false);
    assertThat(unchecked.stale(2_000)).isPositive();
  }
}
