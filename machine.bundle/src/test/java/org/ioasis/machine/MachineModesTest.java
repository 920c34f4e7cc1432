package org.ioasis.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.ioasis.api.machine.DmaBurst;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Endpoint;
import org.ioasis.api.machine.EndpointSpec;
import org.ioasis.api.machine.FabricUnit;
import org.ioasis.api.machine.InterruptSource.Vector;
import org.ioasis.api.machine.Machine;
import org.ioasis.api.machine.MachineSpec;
import org.ioasis.api.machine.Scheduler.Mode;
import org.ioasis.api.machine.Translation;
import org.ioasis.api.machine.UnitEnvironment;
import org.ioasis.api.machine.VirtualTime;
import org.ioasis.api.machine.Work;
import org.ioasis.api.machine.WorkQueue;
import org.ioasis.api.memory.MemoryRegion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a unit and its driver go through, in every mode of the scheduler. */
@Timeout(60)
class MachineModesTest {
  private static final int SOURCE = 8;
  private static final long SECOND = 1_000_000_000L;

  private static Machine machine(Mode mode) {
    return new DefaultMachineFactory()
        .create(
            MachineSpec.isolated("m", 48, List.of(MemoryRegion.ram(0, 1 << 30)))
                .withScheduler(mode)
                .withSeed(7));
  }

  /** A unit with one cached right, and an invalidation queue that waits for the grace. */
  private static final class InvalidatingUnit implements FabricUnit {
    final AtomicBoolean mapped = new AtomicBoolean(true);
    final UnitEnvironment environment;
    final WorkQueue queue;
    private long ticket;

    InvalidatingUnit(Machine machine) {
      environment = machine.environment("u0");
      queue = environment.workQueue("invalidation", this::turn);
      machine.fabric().install("u0", this);
    }

    private Work.Progress turn() {
      mapped.set(false);
      if (ticket == 0) {
        ticket = environment.graceTicket();
      }
      if (!environment.graceElapsed(ticket)) {
        return Work.Progress.WAITING;
      }
      environment.memory().store32(0x9000, 1); // the wait descriptor's status write
      environment.raiseMsi(0xFEE0_0000L, 0x20);
      return Work.Progress.DONE;
    }

    @Override
    public long translate(DmaRequest request) {
      request.granted(request.access());
      return mapped.get()
          ? Translation.of(request.iova(), 12)
          : Translation.none(Translation.Refusal.FAULT);
    }

    @Override
    public long probe(DmaRequest request) {
      return translate(request);
    }
  }

  @ParameterizedTest
  @EnumSource(Mode.class)
  void aDriverThatSynchronisesWaitsForTheBurstOfAnotherThread(Mode mode) throws Exception {
    try (Machine machine = machine(mode)) {
      InvalidatingUnit unit = new InvalidatingUnit(machine);
      DmaBurst burst =
          machine.fabric().join(EndpointSpec.plain("nic", SOURCE), new Endpoint() {}).burst();
      machine.fabric().port(SOURCE).orElseThrow().open("u0");
      DmaRequest request = new DmaRequest().set(SOURCE, -1, 0x4000, 8, DmaRequest.WRITE);
      List<String> log = java.util.Collections.synchronizedList(new ArrayList<>());
      Vector vector = machine.interrupts().allocate("sync", () -> log.add("interrupt"));
      assertThat(vector.data()).isEqualTo(0x20);

      burst.begin();
      long answer = burst.translate(request);
      assertThat(Translation.isPresent(answer)).isTrue();
      Thread driver =
          new Thread(
              () -> {
                unit.queue.kick();
                boolean synced =
                    machine.time().await(() -> machine.memory().load32(0x9000) == 1, 60 * SECOND);
                log.add("synced " + synced);
              });
      if (mode != Mode.STEPS) {
        driver.start();
        driver.join(30);
        assertThat(machine.memory().load32(0x9000)).as("the burst is open").isZero();
      }
      burst.store(answer, 8, 5);
      burst.end();
      if (mode == Mode.STEPS) {
        driver.start();
      }
      driver.join(30_000);
      machine.scheduler().runUntilIdle(1000);
      assertThat(log).containsExactlyInAnyOrder("interrupt", "synced true");

      burst.begin();
      assertThat(Translation.refusal(burst.translate(request)))
          .isEqualTo(Translation.Refusal.FAULT);
      burst.end();
    }
  }

  @Test
  void aDoorbellInsideTheOwnBurstThrowsInsteadOfHanging() {
    try (Machine machine = machine(Mode.INLINE)) {
      InvalidatingUnit unit = new InvalidatingUnit(machine);
      DmaBurst burst =
          machine.fabric().join(EndpointSpec.plain("nic", SOURCE), new Endpoint() {}).burst();
      burst.begin();
      assertThatThrownBy(unit.queue::kick)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("u0.invalidation");
      assertThatThrownBy(() -> machine.time().await(() -> false, SECOND))
          .isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(machine::close).isInstanceOf(IllegalStateException.class);
      burst.end();
      unit.queue.kick();
      assertThat(machine.memory().load32(0x9000)).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @EnumSource(Mode.class)
  void awaitPrefersPendingWorkToAJumpInTime(Mode mode) {
    try (Machine machine = machine(mode)) {
      AtomicLong at = new AtomicLong(-1);
      WorkQueue queue =
          machine
              .scheduler()
              .queue(
                  "q",
                  () -> {
                    at.set(machine.time().nanoTime());
                    return Work.Progress.DONE;
                  });
      machine.time().schedule(SECOND, () -> {});
      queue.kick();
      assertThat(machine.time().await(() -> at.get() >= 0, 2 * SECOND)).isTrue();
      assertThat(at).as("before the timer").hasValue(0);
      assertThat(machine.time().nanoTime()).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource(Mode.class)
  void aTimeOutIsReachedWithoutRealTime(Mode mode) {
    try (Machine machine = machine(mode)) {
      assertThat(machine.time().await(() -> false, 3600 * SECOND)).isFalse();
      assertThat(machine.time().nanoTime()).isEqualTo(3600 * SECOND);
      assertThat(((VirtualTime) machine.time()).pending()).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource(Mode.class)
  void workThatOnlyWaitsDoesNotHoldTimeBack(Mode mode) {
    if (mode == Mode.INLINE) {
      return; // inline the kick itself waits
    }
    try (Machine machine = machine(mode)) {
      AtomicBoolean answered = new AtomicBoolean();
      WorkQueue queue =
          machine
              .scheduler()
              .queue("q", () -> answered.get() ? Work.Progress.DONE : Work.Progress.WAITING);
      machine.time().schedule(5 * SECOND, () -> answered.set(true));
      queue.kick();
      assertThat(machine.time().await(() -> !queue.pending(), 10 * SECOND)).isTrue();
      assertThat(machine.time().nanoTime()).isEqualTo(5 * SECOND);
    }
  }

  @Test
  void closingWaitsForBurstsAndEndsEverything() throws InterruptedException {
    Machine machine = machine(Mode.THREADED);
    InvalidatingUnit unit = new InvalidatingUnit(machine);
    DmaBurst burst =
        machine.fabric().join(EndpointSpec.plain("nic", SOURCE), new Endpoint() {}).burst();
    machine.fabric().port(SOURCE).orElseThrow().open("u0");
    burst.begin();
    Thread closer = new Thread(machine::close);
    closer.start();
    closer.join(30);
    assertThat(closer.isAlive()).isTrue();
    burst.end();
    closer.join(30_000);
    assertThat(closer.isAlive()).isFalse();
    unit.queue.kick();
    assertThat(unit.mapped).as("no turn after the end").isTrue();
    burst.begin();
    long answer = burst.translate(new DmaRequest().set(SOURCE, -1, 0, 8, DmaRequest.READ));
    burst.end();
    assertThat(Translation.refusal(answer)).isEqualTo(Translation.Refusal.BLOCKED);
  }

  @Test
  void aHitAllocatesNothing() {
    try (Machine machine = machine(Mode.INLINE)) {
      InvalidatingUnit unit = new InvalidatingUnit(machine);
      assertThat(unit.environment.unitId()).isEqualTo("u0");
      DmaBurst burst =
          machine.fabric().join(EndpointSpec.plain("nic", SOURCE), new Endpoint() {}).burst();
      machine.fabric().port(SOURCE).orElseThrow().open("u0");
      DmaRequest request =
          new DmaRequest().set(SOURCE, -1, 0x4000, 8, DmaRequest.READ | DmaRequest.WRITE);
      var buffer = java.nio.ByteBuffer.allocate(64);
      var threads =
          (com.sun.management.ThreadMXBean)
              java.lang.management.ManagementFactory.getThreadMXBean();
      long self = Thread.currentThread().getId();
      long least = Long.MAX_VALUE;
      for (int batch = 0; batch < 30 && least > 0; batch++) {
        long before = threads.getThreadAllocatedBytes(self);
        for (int i = 0; i < 2_000; i++) {
          burst.begin();
          long answer = burst.translate(request);
          burst.store(answer, 8, i);
          burst.load(answer + 4, 4);
          burst.fetchAndAdd(answer, 1);
          buffer.clear();
          burst.write(answer + 8, buffer);
          buffer.clear();
          burst.read(answer + 8, buffer);
          burst.end();
        }
        least = Math.min(least, threads.getThreadAllocatedBytes(self) - before);
      }
      assertThat(least).as("bytes allocated by 2,000 bursts").isZero();
    }
  }
}
