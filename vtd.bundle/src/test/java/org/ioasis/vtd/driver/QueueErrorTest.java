package org.ioasis.vtd.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import java.util.function.LongPredicate;
import org.ioasis.api.IoasisException;
import org.ioasis.api.IovaRange;
import org.ioasis.api.Reason;
import org.ioasis.api.driver.DomainBatch;
import org.ioasis.api.driver.DomainSpec;
import org.ioasis.api.driver.DriverDomain;
import org.ioasis.api.driver.SyncResult;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Mmio;
import org.ioasis.api.machine.Scheduler;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A queue that refuses a descriptor, and one that stops. */
class QueueErrorTest {
  private static final long IQT = 0x88;

  private static final class Meddling implements Mmio {
    private final Mmio unit;
    LongPredicate doorbell = tail -> true;

    Meddling(Mmio unit) {
      this.unit = unit;
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
      if (offset != IQT || doorbell.test(value)) {
        unit.write64(offset, value);
      }
    }
  }

  private Meddling mmio;

  private DriverRig rig(Scheduler.Mode mode) {
    return new DriverRig(
            DriverRig.Kind.SECOND,
            mode,
            unit -> {
              mmio = new Meddling(unit);
              return mmio;
            })
        .started();
  }

  private static DomainBatch unmapped(DriverRig rig) {
    DriverDomain domain =
        rig.driver.createDomain(new DomainSpec(DomainSpec.Type.PAGING, Set.of(), 0, 2, null, null));
    rig.driver.addDevice(DriverRig.facts()).attach(DmaRequest.NO_PASID, domain);
    DomainBatch batch = domain.batch();
    batch.map(0x20_0000, 0x10_0000, 0x20_0000, 3);
    batch.sync();
    assertThat(rig.reaches(DmaRequest.NO_PASID, 0x20_0000, 1, 0x10_0000)).isTrue();
    assertThat(batch.unmap(new IovaRange(0, 0x3FFF_FFFF))).isEqualTo(0x20_0000);
    return batch;
  }

  @ParameterizedTest
  @EnumSource(Scheduler.Mode.class)
  void aRefusedDescriptorFailsItsSyncAlone(Scheduler.Mode mode) {
    try (DriverRig rig = rig(mode)) {
      DomainBatch batch = unmapped(rig);
      long held = rig.frames.allocatedBytes();
      mmio.doorbell =
          tail -> {
            long queue = rig.unit.mmio().read64(0x90) & ~0xFFFL;
            rig.machine.memory().store64(queue + rig.unit.mmio().read64(0x80), 0xA);
            mmio.doorbell = any -> true;
            return true;
          };
      assertThatThrownBy(batch::sync)
          .isInstanceOfSatisfying(
              IoasisException.class, e -> assertThat(e.reason()).isEqualTo(Reason.HARDWARE))
          .hasMessageContaining("0xa")
          .hasMessageContaining("IQEI 3");
      assertThat(rig.frames.allocatedBytes()).isEqualTo(held);
      assertThat(rig.unit.mmio().read32(0x34) & 0x10).isZero();
      batch.map(1L << 40, 0, 0x1000, 3);
      assertThat(rig.frames.allocatedBytes()).isGreaterThan(held); // the old ones are not reused
      assertThat(batch.sync()).isEqualTo(SyncResult.COMPLETE);
      held = rig.frames.allocatedBytes();
      batch.map(0x20_0000, 0x10_0000, 0x20_0000, 3);
      assertThat(rig.frames.allocatedBytes()).isEqualTo(held); // now they are
      batch.unmap(new IovaRange(0, 0x3FFF_FFFF));
      batch.sync();
      assertThat(rig.refuses(DmaRequest.NO_PASID, 0x20_0000, 1)).isTrue();
      assertThat(rig.driver.counters()).containsEntry("descriptors.refused", 1L);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Scheduler.Mode.class,
      names = {"INLINE", "STEPS"})
  void aQueueThatStopsIsAnErrorAfterTheTimeOut(Scheduler.Mode mode) {
    try (DriverRig rig = rig(mode)) {
      DomainBatch batch = unmapped(rig);
      long held = rig.frames.allocatedBytes();
      mmio.doorbell = tail -> false;
      assertThatThrownBy(batch::sync)
          .isInstanceOfSatisfying(
              IoasisException.class, e -> assertThat(e.reason()).isEqualTo(Reason.HARDWARE))
          .hasMessageContaining("stopped processing")
          .hasMessageContaining("60000 ms");
      assertThat(rig.frames.allocatedBytes()).isEqualTo(held);
      mmio.doorbell = tail -> true;
      assertThat(batch.sync()).isEqualTo(SyncResult.COMPLETE);
    }
  }
}
