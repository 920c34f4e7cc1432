package org.ioasis.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.machine.DmaBurst;
import org.ioasis.api.machine.DmaPort;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Endpoint;
import org.ioasis.api.machine.EndpointSpec;
import org.ioasis.api.machine.FabricUnit;
import org.ioasis.api.machine.Machine;
import org.ioasis.api.machine.MachineSpec;
import org.ioasis.api.machine.Scheduler;
import org.ioasis.api.machine.Translation;
import org.ioasis.api.machine.UnitEnvironment;
import org.ioasis.api.machine.Work;
import org.ioasis.api.memory.FrameAllocator;
import org.ioasis.api.memory.MemoryBacking;
import org.ioasis.api.memory.MemoryRegion;
import org.ioasis.api.memory.MemoryStatus;
import org.junit.jupiter.api.Test;

class MachineTest {
  private static final long GIB = 1L << 30;

  private static MachineSpec spec(MemoryRegion... ram) {
    return MachineSpec.isolated("m", 48, List.of(ram));
  }

  /** Adds 1 MiB to every address. */
  private static final class Offset implements FabricUnit {
    @Override
    public long translate(DmaRequest request) {
      request.granted(request.access());
      return Translation.of(request.iova() + 0x10_0000, 12);
    }

    @Override
    public long probe(DmaRequest request) {
      return translate(request);
    }
  }

  @Test
  void dmaReachesMemoryThroughTheUnit() {
    try (Machine machine = new DefaultMachineFactory().create(spec(MemoryRegion.ram(0, GIB)))) {
      machine.fabric().install("u0", new Offset());
      DmaPort port = machine.fabric().join(EndpointSpec.plain("nic", 0x18), new Endpoint() {});
      DmaBurst burst = port.burst();
      DmaRequest request = new DmaRequest().set(0x18, -1, 0x2000, 8, DmaRequest.WRITE);

      burst.begin();
      assertThat(Translation.refusal(burst.translate(request)))
          .isEqualTo(Translation.Refusal.BLOCKED);
      burst.end();

      machine.fabric().port(0x18).orElseThrow().open("u0");
      burst.begin();
      long answer = burst.translate(request);
      assertThat(burst.store(answer + 8, 8, 0x1122334455667788L)).isEqualTo(MemoryStatus.OK);
      burst.end();
      assertThat(machine.memory().load64(0x10_2008)).isEqualTo(0x1122334455667788L);
    }
  }

  @Test
  void aMachineOf66GibIsCheap() {
    long before = 0;
    try (Machine machine =
        new DefaultMachineFactory()
            .create(spec(MemoryRegion.ram(0, 2 * GIB), MemoryRegion.ram(4 * GIB, 62 * GIB)))) {
      assertThat(machine.memory().residentBytes()).isEqualTo(before);
      for (long at = 0; at < 12; at++) {
        machine.memory().store64((at < 6 ? 0 : 4 * GIB) + at * 0x0765_4000L, at);
      }
      assertThat(machine.memory().residentBytes()).isBetween(1L, (12 * 64L) << 10);
      assertThat(machine.memory().load64(65 * GIB)).isZero();
      assertThat(machine.memory().load64(3 * GIB)).isEqualTo(-1);
      assertThat(machine.memory().load64(66 * GIB)).isEqualTo(-1);
    }
  }

  @Test
  void refusesRamThatOverlapsOrLeavesTheWidth() {
    DefaultMachineFactory factory = new DefaultMachineFactory();
    assertThatThrownBy(
            () -> factory.create(spec(MemoryRegion.ram(0, GIB), MemoryRegion.ram(0x1000, 0x1000))))
        .isInstanceOfSatisfying(
            IoasisException.class, e -> assertThat(e.reason()).isEqualTo(Reason.INVALID))
        .hasMessageContaining("0x1000..0x1fff overlap");
    assertThatThrownBy(() -> factory.create(spec(MemoryRegion.ram(1L << 48, 0x1000))))
        .isInstanceOfSatisfying(
            IoasisException.class, e -> assertThat(e.reason()).isEqualTo(Reason.INVALID))
        .hasMessageContaining("48 address bits");
    MachineSpec pool =
        new MachineSpec(
            "m",
            48,
            List.of(MemoryRegion.ram(0, GIB)),
            new MemoryRegion(GIB, 2 * GIB - 1, MemoryBacking.ZERO),
            Scheduler.Mode.INLINE,
            true,
            0);
    assertThatThrownBy(() -> factory.create(pool))
        .isInstanceOfSatisfying(
            IoasisException.class, e -> assertThat(e.reason()).isEqualTo(Reason.INVALID))
        .hasMessageContaining("frame pool 0x40000000..0x7fffffff");
  }

  @Test
  void removingAUnitEndsItsQueues() {
    try (Machine machine = new DefaultMachineFactory().create(spec(MemoryRegion.ram(0, GIB)))) {
      UnitEnvironment environment = machine.environment("u0");
      AtomicInteger turns = new AtomicInteger();
      var queue =
          environment.workQueue(
              "commands",
              () -> {
                turns.incrementAndGet();
                return Work.Progress.DONE;
              });
      assertThat(queue.name()).isEqualTo("u0.commands");
      machine.fabric().install("u0", new Offset());
      queue.kick();
      machine.fabric().remove("u0");
      queue.kick();
      assertThat(turns).hasValue(1);
      assertThatThrownBy(() -> environment.workQueue("late", () -> Work.Progress.DONE))
          .isInstanceOfSatisfying(
              IoasisException.class, e -> assertThat(e.reason()).isEqualTo(Reason.GONE));
      assertThat(machine.environment("u0")).isNotSameAs(environment);
    }
  }

  @Test
  void framesComeFromTheUpperHalfOfTheLastRegion() {
    try (Machine machine = new DefaultMachineFactory().create(spec(MemoryRegion.ram(0, GIB)))) {
      FrameAllocator frames = machine.frames("driver");
      assertThat(frames.allocate(12)).isEqualTo(GIB / 2);
      assertThat(frames.allocate(12)).isEqualTo(GIB / 2 + 0x1000);
      assertThat(frames.allocate(21)).isEqualTo(GIB / 2 + 0x20_0000);
      assertThat(frames.allocatedBytes()).isEqualTo(0x20_2000);
    }
  }

  @Test
  void aClosedMachineRefuses() {
    Machine machine = new DefaultMachineFactory().create(spec(MemoryRegion.ram(0, GIB)));
    machine.fabric().install("u0", new Offset());
    machine.close();
    machine.close();
    assertThat(machine.fabric().units()).isEmpty();
    assertThatThrownBy(() -> machine.frames("x")).hasMessageContaining("machine m is closed");
    assertThatThrownBy(() -> machine.fabric().join(EndpointSpec.plain("nic", 1), new Endpoint() {}))
        .hasMessageContaining("machine m is closed");
  }
}
