package org.ioasis.vtd.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.ioasis.api.IovaRange;
import org.ioasis.api.driver.DeviceFacts;
import org.ioasis.api.driver.DomainBatch;
import org.ioasis.api.driver.DriverDomain;
import org.ioasis.api.engine.DmaChannel;
import org.ioasis.api.engine.DmaEngine;
import org.ioasis.api.engine.EngineSpec;
import org.ioasis.api.engine.TransferStatus;
import org.ioasis.api.machine.EndpointSpec;
import org.ioasis.api.machine.Mmio;
import org.ioasis.api.machine.Scheduler;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.machine.engine.DefaultEngineFactory;
import org.junit.jupiter.api.Test;

/**
 * Sync means gone, seen as data: a device with a TLB of its own writes all the time; after an unmap
 * and its sync the page must never change again. And the test has teeth: without device-TLB
 * invalidations, or without those of the unit, it does.
 */
class SyncCanaryTest {
  private static final int NO_PASID = FullRig.NO_PASID;
  private static final int SOURCE = 0x350;
  private static final long IOVA = 0x12_3456_7000L;
  private static final long[] PAGES = {0x100_0000, 0x101_0000, 0x102_0000};

  /** Turns descriptors of some types into fences before the unit sees them. */
  private static final class Skipping implements Mmio {
    private final Mmio unit;
    private final List<Integer> types;
    private PhysicalMemory memory;

    Skipping(Mmio unit, List<Integer> types) {
      this.unit = unit;
      this.types = types;
    }

    @Override
    public long size() {
      return unit.size();
    }

    @Override
    public int read32(long offset) {
      return unit.read32(offset);
    }

    @Override
    public long read64(long offset) {
      return unit.read64(offset);
    }

    @Override
    public void write32(long offset, int value) {
      unit.write32(offset, value);
    }

    @Override
    public void write64(long offset, long value) {
      if (offset == 0x88 && memory != null) {
        long queue = unit.read64(0x90) & ~0xFFFL;
        for (long at = unit.read64(0x88); at != value; at = at + 32 & 0x1FFF) {
          if (types.contains((int) memory.load64(queue + at) & 0xF)) {
            memory.store64(queue + at, 0x45); // a fence
            memory.store64(queue + at + 8, 0);
          }
        }
      }
      unit.write64(offset, value);
    }
  }

  private Skipping mmio;

  private FullRig rig(List<Integer> skipped) {
    return new FullRig(
        Scheduler.Mode.THREADED,
        FullRig.CAP,
        FullRig.ECAP,
        unit -> {
          mmio = new Skipping(unit, skipped);
          return mmio;
        });
  }

  /** Rounds until a page changed after its sync; 0 if none did. */
  private int violatedIn(int rounds, List<Integer> skipped, boolean ats) throws Exception {
    try (FullRig rig = rig(skipped)) {
      EndpointSpec spec = new EndpointSpec("engine", SOURCE, true, ats, false, false, 0);
      DmaEngine engine = new DefaultEngineFactory().create(rig.machine, EngineSpec.of(spec));
      rig.machine.fabric().port(SOURCE).orElseThrow().open(FullRig.UNIT);
      rig.started();
      DriverDomain domain = rig.paging(2);
      rig.driver.addDevice(new DeviceFacts(spec, List.of(), false)).attach(NO_PASID, domain);
      mmio.memory = rig.machine.memory();
      boolean[] ends = new boolean[1];
      Thread writer = new Thread(() -> write(engine.channel(), ends));
      writer.start();
      try {
        return rounds(rig, domain.batch(), rounds);
      } finally {
        synchronized (ends) {
          ends[0] = true;
        }
        writer.join(10_000);
        mmio.memory = null;
        engine.close();
      }
    }
  }

  private static int rounds(FullRig rig, DomainBatch batch, int rounds) {
    PhysicalMemory memory = rig.machine.memory();
    for (long page : PAGES) {
      memory.store64(page, -2);
    }
    for (int round = 1; round <= rounds; round++) {
      long page = PAGES[round % PAGES.length];
      memory.store64(page, -1);
      batch.map(IOVA, page, 0x1000, 3);
      batch.sync();
      long last = PAGES[(round - 1) % PAGES.length];
      rig.await(
          () -> memory.load64(page) != -1 || memory.load64(last) != -2); // or still the last one
      if (memory.load64(last) != -2) {
        return round;
      }
      batch.unmap(IovaRange.of(IOVA, 0x1000));
      batch.sync();
      memory.store64(page, -2);
      long until = rig.machine.time().nanoTime() + 300_000;
      while (rig.machine.time().nanoTime() < until) {
        if (memory.load64(page) != -2) {
          return round;
        }
      }
    }
    return 0;
  }

  private static void write(DmaChannel channel, boolean[] ends) {
    ByteBuffer word = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    for (long value = 1; ; value++) {
      synchronized (ends) {
        if (ends[0]) {
          return;
        }
      }
      word.clear().putLong(0, value);
      if (channel.write(NO_PASID, IOVA, word) != TransferStatus.OK) {
        LockSupport.parkNanos(50_000);
      }
    }
  }

  @Test
  void aPageStaysAsItWasAfterTheSync() throws Exception {
    assertThat(violatedIn(150, List.of(), true)).isZero();
    assertThat(violatedIn(150, List.of(), false)).isZero();
  }

  @Test
  void theTestHasTeeth() throws Exception {
    assertThat(violatedIn(100, List.of(3, 8), true)).as("device TLBs not told").isPositive();
    assertThat(violatedIn(100, List.of(2, 6), false)).as("the unit not told").isPositive();
  }
}
