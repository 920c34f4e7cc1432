package org.ioasis.vtd.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
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
import org.ioasis.api.machine.Scheduler;
import org.ioasis.api.machine.Translation;
import org.ioasis.api.memory.MemoryRegion;
import org.ioasis.machine.DefaultMachineFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A device writes a running number through one IOVA while software moves the page behind it and
 * waits for the invalidation. When the wait has completed, nothing may arrive in the old page any
 * more: seen as data, on a machine with each of its schedulers.
 */
class SyncMeansGoneTest {
  private static final int SID = 0x329;
  private static final long IOVA = 0x1234_5678_9000L;
  private static final long LEAF = 0x20_3C48L;
  private static final long[] PAGES = {0x40_0000L, 0x41_0000L};
  private static final long QUEUE = 0x14_0000L;
  private static final long STATUS = 0x15_0000L;
  private static final int ROUNDS = 200;

  private final AtomicBoolean stop = new AtomicBoolean();
  private final AtomicLong bursts = new AtomicLong();
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private long tail;

  @ParameterizedTest
  @EnumSource(Scheduler.Mode.class)
  @Timeout(60)
  void nothingArrivesAfterTheWait(Scheduler.Mode mode) throws Exception {
    MachineSpec spec =
        MachineSpec.isolated("sync", 48, List.of(MemoryRegion.ram(0, 0x400_0000L)))
            .withScheduler(mode)
            .withSeed(7);
    try (Machine machine = new DefaultMachineFactory().create(spec)) {
      HardwareUnit unit = new VtdFactory().create(machine.environment("dmar0"), VtdProfiles.FULL);
      machine.fabric().install("dmar0", unit);
      DmaPort port = machine.fabric().join(EndpointSpec.plain("nic", SID), new Endpoint() {});
      machine.fabric().port(SID).orElseThrow().open("dmar0");
      program(machine, unit);
      Thread device = new Thread(() -> device(port), "device");
      device.start();
      try {
        for (int round = 0; round < ROUNDS; round++) {
          movePage(machine, unit, PAGES[round & 1], PAGES[(round + 1) & 1]);
        }
      } finally {
        stop.set(true);
        device.join();
      }
      assertThat(failure.get()).isNull();
      assertThat(unit.counters()).containsEntry("faults.recorded", 0L);
      assertThat(unit.counters()).containsEntry("queue.descriptors", 2L * ROUNDS);
    }
  }

  private static void program(Machine machine, HardwareUnit unit) {
    long[][] words = {
      {0x10_0030L, 0x10_1001L},
      {0x10_1290L, 0x20_0001L},
      {0x10_1298L, 0x4202L},
      {0x20_0120L, 0x20_1003L},
      {0x20_1688L, 0x20_2003L},
      {0x20_2598L, 0x20_3003L},
      {LEAF, PAGES[0] | 3}
    };
    for (long[] word : words) {
      machine.memory().store64(word[0], word[1]);
    }
    unit.mmio().write64(0x20, 0x10_0000L);
    command(machine, unit, 0x4000_0000L, 0x4000_0000L);
    unit.mmio().write64(0x90, QUEUE | 0x801);
    command(machine, unit, 0x8400_0000L, 0xC400_0000L);
  }

  private static void command(Machine machine, HardwareUnit unit, long command, long status) {
    unit.mmio().write32(0x18, (int) command);
    while (unit.mmio().read32(0x1C) != (int) status) {
      turn(machine);
    }
  }

  /** Lets the unit's work go on. */
  private static void turn(Machine machine) {
    if (machine.scheduler().mode() == Scheduler.Mode.STEPS) {
      machine.scheduler().step();
    }
    Thread.onSpinWait();
  }

  private void device(DmaPort port) {
    DmaBurst burst = port.burst();
    DmaRequest request = new DmaRequest();
    try {
      for (long number = 1; !stop.get(); number++) {
        burst.begin();
        long translation =
            burst.translate(request.set(SID, DmaRequest.NO_PASID, IOVA, 8, DmaRequest.WRITE));
        if (!Translation.isPresent(translation)) {
          throw new AssertionError("refused: " + Translation.toString(translation));
        }
        burst.store(translation, 8, number);
        burst.end();
        bursts.incrementAndGet();
      }
    } catch (RuntimeException | AssertionError e) {
      failure.set(e);
    }
  }

  private void movePage(Machine machine, HardwareUnit unit, long from, long to) {
    machine.memory().store64(LEAF, to | 3);
    machine.memory().store32(STATUS, 0);
    put(machine, 0x0042_00F2L, IOVA);
    put(machine, 0x0000_0002_0000_0025L, STATUS);
    machine.memory().barrier();
    unit.mmio().write32(0x88, (int) tail);
    while (machine.memory().load32(STATUS) != 2) {
      turn(machine);
    }
    long last = machine.memory().load64(from);
    long seen = bursts.get();
    while (bursts.get() < seen + 3 && failure.get() == null) {
      Thread.onSpinWait();
    }
    assertThat(machine.memory().load64(from)).as("the old page").isEqualTo(last);
    assertThat(machine.memory().load64(to)).as("the new page").isGreaterThan(last);
  }

  private void put(Machine machine, long word0, long word1) {
    for (int i = 0; i < 4; i++) {
      machine.memory().store64(QUEUE + tail + 8L * i, i == 0 ? word0 : i == 1 ? word1 : 0);
    }
    tail = (tail + 32) & 0x1FFF;
  }
}
