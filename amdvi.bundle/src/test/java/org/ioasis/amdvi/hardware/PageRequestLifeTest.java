package org.ioasis.amdvi.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.ioasis.api.engine.DmaChannel;
import org.ioasis.api.engine.DmaEngine;
import org.ioasis.api.engine.EngineSpec;
import org.ioasis.api.engine.TransferStatus;
import org.ioasis.api.hardware.HardwareUnit;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.EndpointSpec;
import org.ioasis.api.machine.Machine;
import org.ioasis.api.machine.MachineSpec;
import org.ioasis.api.memory.MemoryRegion;
import org.ioasis.machine.DefaultMachineFactory;
import org.ioasis.machine.engine.DefaultEngineFactory;
import org.ioasis.testing.Requirement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * The life of a page request on a machine with virtual time: a device with a translation cache asks
 * for a page, software reads the log at the unit&#39;s interrupt, maps, answers by command, and the
 * device goes on through its own cache until it is told to forget.
 */
@Requirement(66)
class PageRequestLifeTest {
  private static final int SID = 0x340;
  private static final long IOVA = 0x1234567000L;
  private static final long LEAF = 0x20_2B38L;
  private static final long COMMANDS = 0x14_0000L;
  private static final long REQUESTS = 0x17_0000L;
  private static final long PAGE = 0x6000000000400001L;
  private static final int VECTOR = 0x55;

  private final Machine machine =
      new DefaultMachineFactory()
          .create(MachineSpec.isolated("life", 48, List.of(MemoryRegion.ram(0, 0x400_0000L))));
  private final HardwareUnit unit =
      new AmdviFactory().create(machine.environment("iommu0"), AmdviProfiles.FULL);
  private final DmaChannel channel;
  private long tail;
  private int served;

  /** What software answers; below 0 nothing. */
  private long response;

  PageRequestLifeTest() {
    EndpointSpec endpoint = new EndpointSpec("engine", SID, false, true, true, false, 0);
    DmaEngine engine =
        new DefaultEngineFactory()
            .create(machine, EngineSpec.of(endpoint).answerWait(100_000_000L).blockedWait(0));
    machine.fabric().endpoint(SID).orElseThrow().enable(true, true, false);
    channel = engine.channel();
    machine.fabric().install("iommu0", unit);
    machine.fabric().port(SID).orElseThrow().open("iommu0");
    long[][] words = {
      {0x10_0000L + SID * 32, 0x6010000000200603L},
      {0x10_0008L + SID * 32, 0x42 | 1L << 32},
      {0x20_0240L, 0x6000000000201401L},
      {0x20_1D10L, 0x6000000000202201L},
      {0x40_0000L, 0x1122334455667788L}
    };
    for (long[] word : words) {
      machine.memory().store64(word[0], word[1]);
    }
    unit.mmio().write64(0x00, 0x10_0007L);
    unit.mmio().write64(0x08, 0x0900000000000000L | COMMANDS);
    unit.mmio().write64(0x10, 0x0900000000160000L);
    unit.mmio().write64(0x38, 0x0900000000000000L | REQUESTS);
    unit.mmio().write32(0x15C, 0xFEE00000);
    unit.mmio().write32(0x164, VECTOR);
    unit.mmio().write32(0x158, 1 << 16);
    unit.mmio().write64(0x18, 0x1405 | 4 << 5 | 7 << 13);
    machine
        .interrupts()
        .addSink(
            (address, data) -> {
              if (data == VECTOR) {
                serve();
              }
            });
  }

  @AfterEach
  void close() {
    machine.close();
  }

  private void command(long word0, long word1) {
    machine.memory().store64(COMMANDS + tail, word0);
    machine.memory().store64(COMMANDS + tail + 8, word1);
    tail = (tail + 16) & 0x1FFF;
    unit.mmio().write64(0x2008, tail);
  }

  /** The unit&#39;s interrupt: one request is in the log. */
  private void serve() {
    long head = unit.mmio().read64(0x2030);
    long word0 = machine.memory().load64(REQUESTS + head);
    assertThat(word0 >>> 60).isEqualTo(1);
    assertThat(machine.memory().load64(REQUESTS + head + 8)).isEqualTo(IOVA);
    unit.mmio().write64(0x2030, (head + 16) & 0x1FFF);
    served++;
    if (response < 0) {
      return;
    }
    if (response == 0) {
      machine.memory().store64(LEAF, PAGE);
    }
    long group = word0 >>> 32 & 0x1FF;
    command(0x7000000000000000L | SID, group << 32 | response << 44);
  }

  private TransferStatus read(ByteBuffer into) {
    return channel.read(DmaRequest.NO_PASID, IOVA, into);
  }

  private static ByteBuffer buffer() {
    return ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Test
  void aPageIsMappedWhenItIsAskedFor() {
    ByteBuffer into = buffer();
    assertThat(read(into)).isEqualTo(TransferStatus.OK);
    assertThat(into.getLong(0)).isEqualTo(0x1122334455667788L);
    assertThat(served).isEqualTo(1);
    assertThat(unit.counters()).containsEntry("events.logged", 0L);
    machine.memory().store64(LEAF, 0x6000000000401001L);
    command(0x3000004200000000L, IOVA);
    command(0x1000000000000002L, 0);
    into = buffer();
    assertThat(read(into)).isEqualTo(TransferStatus.OK);
    assertThat(into.getLong(0)).as("the device holds the old page").isNotZero();
    command(0x4000000000000000L | SID, IOVA);
    command(0x1000000000000002L, 0);
    into = buffer();
    assertThat(read(into)).isEqualTo(TransferStatus.OK);
    assertThat(into.getLong(0)).isZero();
    assertThat(unit.counters()).containsEntry("iotlb.sent", 1L).containsEntry("iotlb.timedOut", 0L);
  }

  @Test
  void aRefusalReachesTheDevice() {
    response = 1;
    assertThat(read(buffer())).isEqualTo(TransferStatus.FAULT);
    assertThat(served).isEqualTo(1);
  }

  @Test
  void withoutAnAnswerTheDeviceGivesUpInVirtualTime() {
    response = -1;
    long before = machine.time().nanoTime();
    assertThat(read(buffer())).isEqualTo(TransferStatus.TIMED_OUT);
    assertThat(machine.time().nanoTime() - before).isGreaterThanOrEqualTo(100_000_000L);
  }
}
