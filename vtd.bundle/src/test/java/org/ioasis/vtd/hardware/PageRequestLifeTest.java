package org.ioasis.vtd.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.ioasis.api.engine.DmaChannel;
import org.ioasis.api.engine.DmaEngine;
import org.ioasis.api.engine.EngineSpec;
import org.ioasis.api.engine.TransferStatus;
import org.ioasis.api.hardware.HardwareUnit;
import org.ioasis.api.machine.AtcInvalidation;
import org.ioasis.api.machine.Endpoint;
import org.ioasis.api.machine.EndpointSpec;
import org.ioasis.api.machine.Machine;
import org.ioasis.api.machine.MachineSpec;
import org.ioasis.api.machine.Scheduler;
import org.ioasis.api.memory.MemoryRegion;
import org.ioasis.machine.DefaultMachineFactory;
import org.ioasis.machine.engine.DefaultEngineFactory;
import org.ioasis.testing.Requirement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A device with a device-TLB pages on demand: translation request, page request, event, software
 * maps and answers, translation request, translated request; then software takes the page away. On
 * a virtual clock, with each scheduler; what arrives is seen as data.
 */
@Timeout(60)
class PageRequestLifeTest {
  private static final int SID = 0x329, PASID = Fixture.PASID;
  private static final long IOVA = 0x7F81_2345_6000L, LEAF = 0x30_3000L + 0x056 * 8;
  private static final long QUEUE = 0x14_0000L, STATUS = 0x15_0000L, RING = 0x17_0000L;
  private static final long FRAMES = 0x100_0000L;
  private static final int PAGES = 40;
  private static final int PQH = 0xC0, PQT = 0xC8, PQA = 0xD0, PRS = 0xDC, PECTL = 0xE0;

  private Machine machine;
  private HardwareUnit unit;
  private DmaEngine engine;
  private DmaChannel channel;
  private long tail;
  private int nextFrame;
  private final AtomicInteger events = new AtomicInteger();

  private void build(Scheduler.Mode mode) {
    MachineSpec spec =
        MachineSpec.isolated("pages", 48, List.of(MemoryRegion.ram(0, 0x200_0000L)))
            .withScheduler(mode)
            .withSeed(11);
    machine = new DefaultMachineFactory().create(spec);
    unit = new VtdFactory().create(machine.environment("dmar0"), VtdProfiles.FULL);
    machine.fabric().install("dmar0", unit);
    EndpointSpec endpoint = new EndpointSpec("nic", SID, false, true, true, false, 20);
    engine = new DefaultEngineFactory().create(machine, EngineSpec.of(endpoint));
    channel = engine.channel();
    machine.fabric().port(SID).orElseThrow().open("dmar0");
    machine.fabric().endpoint(SID).orElseThrow().enable(true, true, true);
    Fixture.scalable().snapshot().forEach((at, word) -> machine.memory().store64(at, word));
    machine.memory().store64(LEAF, 0);
    write(0x20, 0x10_0400L);
    command(0x4000_0000, 0x4000_0000);
    write(0x90, QUEUE | 0x801);
    command(0x8400_0000, 0xC400_0000);
    write(PQA, RING);
    unit.mmio().write32(0xE4, 0x51);
    unit.mmio().write32(0xE8, (int) 0xFEE0_2000L);
    unit.mmio().write32(PECTL, 0);
    machine.interrupts().addSink((address, data) -> interrupt(data));
  }

  @AfterEach
  void close() {
    if (machine != null) {
      machine.close();
    }
  }

  private void write(int offset, long value) {
    unit.mmio().write64(offset, value);
  }

  private void command(int bits, int status) {
    unit.mmio().write32(0x18, bits);
    await(() -> unit.mmio().read32(0x1C) == status);
  }

  private void await(java.util.function.BooleanSupplier condition) {
    assertThat(machine.time().await(condition, 10_000_000_000L)).isTrue();
  }

  // Software: the page request handler.

  private synchronized void interrupt(int vector) {
    if (vector != 0x51) {
      return;
    }
    events.incrementAndGet();
    unit.mmio().write32(PRS, 1); // before the tail is read
    long head = unit.mmio().read64(PQH);
    while (head != unit.mmio().read64(PQT)) {
      answer(machine.memory().load64(RING + head), machine.memory().load64(RING + head + 8));
      head = head + 32 & 0xFFF;
    }
    write(PQH, head);
    if ((unit.mmio().read32(PRS) & 2) != 0) {
      unit.mmio().write32(PRS, 2);
    }
  }

  private void answer(long lo, long hi) {
    if ((lo & 0xFF) != 1) {
      return; // never written: what an overflow test left in the ring
    }
    int page = (int) (hi >>> 12) - (int) (IOVA >>> 12);
    map(page);
    if ((hi & 4) != 0) {
      long group = hi >>> 3 & 0x1FF;
      submit(0x9L | (lo & 0x000F_FFFF_FFFF_0000L) | 0x10, group << 3);
    }
  }

  private void map(int page) {
    long frame = FRAMES + 0x1000L * nextFrame++;
    machine.memory().store64(LEAF + 8L * page, frame | 0x7);
  }

  private synchronized void submit(long... words) {
    for (int i = 0; i < words.length; i += 2) {
      long at = QUEUE + tail;
      machine.memory().store64(at, words[i]);
      machine.memory().store64(at + 8, words[i + 1]);
      machine.memory().store64(at + 16, 0);
      machine.memory().store64(at + 24, 0);
      tail = tail + 32 & 0x1FFF;
    }
    machine.memory().barrier();
    unit.mmio().write32(0x88, (int) tail);
  }

  private long frameOf(int page) {
    return machine.memory().load64(LEAF + 8L * page) & 0xF_FFFF_FFFF_F000L;
  }

  private TransferStatus store(int page, long value) {
    ByteBuffer bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    return channel.write(PASID, IOVA + 0x1000L * page, bytes.putLong(value).flip());
  }

  @Requirement(66)
  @ParameterizedTest
  @EnumSource(Scheduler.Mode.class)
  void pagingOnDemand(Scheduler.Mode mode) {
    build(mode);
    for (int page = 0; page < PAGES; page++) {
      assertThat(store(page, 1000 + page)).as("page %d", page).isEqualTo(TransferStatus.OK);
    }
    for (int page = 0; page < PAGES; page++) {
      assertThat(machine.memory().load64(frameOf(page))).isEqualTo(1000 + page);
    }
    assertThat(events.get()).isBetween(1, PAGES);
    assertThat(unit.counters())
        .containsEntry("pages.requested", (long) PAGES)
        .containsEntry("pages.dropped", 0L)
        .containsEntry("faults.recorded", 0L);
    assertThat(unit.mmio().read64(PQH)).isEqualTo(unit.mmio().read64(PQT));
  }

  /** The ring is full: the unit answers, the device asks again, software has made room. */
  @ParameterizedTest
  @EnumSource(Scheduler.Mode.class)
  void aGroupThatOverflowedIsAskedForAgain(Scheduler.Mode mode) {
    build(mode);
    write(PQH, 0x20); // one before the head: full
    assertThat(store(0, 77)).isEqualTo(TransferStatus.OK);
    assertThat(machine.memory().load64(frameOf(0))).isEqualTo(77);
    assertThat(unit.counters().get("pages.dropped")).isPositive();
    assertThat(unit.counters().get("pages.requested")).isPositive();
    assertThat(unit.mmio().read32(PRS) & 2).isZero();
  }

  /**
   * Software takes the page away, invalidates IOTLB and device-TLB, waits, and keeps the frame as a
   * canary: what the device writes afterwards lands in a new frame.
   */
  @ParameterizedTest
  @EnumSource(Scheduler.Mode.class)
  void nothingArrivesInAFrameThatWasTakenAway(Scheduler.Mode mode) {
    build(mode);
    for (int round = 1; round <= 30; round++) {
      assertThat(store(0, round)).isEqualTo(TransferStatus.OK);
      long frame = frameOf(0);
      assertThat(machine.memory().load64(frame)).isEqualTo(round);
      takeAway();
      machine.memory().store64(frame, -1); // the canary
      assertThat(store(0, round + 1000)).isEqualTo(TransferStatus.OK);
      assertThat(frameOf(0)).isNotEqualTo(frame);
      assertThat(machine.memory().load64(frame)).as("canary").isEqualTo(-1);
      takeAway();
    }
  }

  private void takeAway() {
    machine.memory().store64(LEAF, 0);
    machine.memory().store32(STATUS, 0);
    submit(
        0x0000_1234_0001_0036L, IOVA, 0x0000_1234_0329_0108L, IOVA, 0x0000_0002_0000_0025L, STATUS);
    await(() -> machine.memory().load32(STATUS) == 2);
  }

  /** The planted error: without the device-TLB invalidation the canary dies. */
  @ParameterizedTest
  @EnumSource(Scheduler.Mode.class)
  void withoutTheDeviceTlbInvalidationTheCanaryDies(Scheduler.Mode mode) {
    build(mode);
    assertThat(store(0, 1)).isEqualTo(TransferStatus.OK);
    long frame = frameOf(0);
    machine.memory().store64(LEAF, 0);
    submit(0x0000_1234_0001_0036L, IOVA, 0x0000_0002_0000_0025L, STATUS);
    await(() -> machine.memory().load32(STATUS) == 2);
    machine.memory().store64(frame, -1);
    assertThat(store(0, 2)).isEqualTo(TransferStatus.OK);
    assertThat(machine.memory().load64(frame)).as("this test can see it").isEqualTo(2);
  }

  /** A device that never completes: the clock jumps to the time-out. */
  @ParameterizedTest
  @EnumSource(Scheduler.Mode.class)
  void aSilentDeviceTimesOut(Scheduler.Mode mode) {
    build(mode);
    machine
        .fabric()
        .join(
            EndpointSpec.plain("mute", 0x40),
            new Endpoint() {
              @Override
              public void invalidateAtc(AtcInvalidation invalidation, Runnable completed) {}
            });
    submit(0x0000_0040_0010_0003L, 0x1000, 0x0000_0002_0000_0025L, STATUS);
    await(() -> (unit.mmio().read32(0x34) & 0x40) != 0);
    assertThat(unit.mmio().read64(0xB0) >>> 32 & 0xFFFF).isEqualTo(0x40);
    assertThat(machine.memory().load32(STATUS)).isZero();
    unit.mmio().write32(0x34, 0x40);
    submit(0x0000_0002_0000_0025L, STATUS);
    await(() -> machine.memory().load32(STATUS) == 2);
  }

  /** The stop marker goes through the queue like any request, and nobody answers it. */
  @ParameterizedTest
  @EnumSource(Scheduler.Mode.class)
  void stopMarkers(Scheduler.Mode mode) {
    build(mode);
    unit.mmio().write32(PECTL, 0x8000_0000);
    assertThat(engine.stopPasid(PASID)).isTrue();
    assertThat(machine.memory().load64(RING)).isEqualTo(0x0000_1234_0329_0101L);
    assertThat(machine.memory().load64(RING + 8)).isEqualTo(4);
    assertThat(unit.counters()).containsEntry("pages.answered", 0L);
  }
}
