package org.ioasis.vtd.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.ioasis.api.Blob;
import org.ioasis.api.IoasisException;
import org.ioasis.api.IovaRange;
import org.ioasis.api.Reason;
import org.ioasis.api.driver.AdoptReport;
import org.ioasis.api.driver.ChangeMode;
import org.ioasis.api.driver.DomainBatch;
import org.ioasis.api.driver.DomainFlag;
import org.ioasis.api.driver.DomainSpec;
import org.ioasis.api.driver.DriverAttachment;
import org.ioasis.api.driver.DriverDevice;
import org.ioasis.api.driver.DriverDomain;
import org.ioasis.api.driver.DriverState;
import org.ioasis.api.driver.FaultClass;
import org.ioasis.api.driver.FaultStage;
import org.ioasis.api.driver.PasidReservation;
import org.ioasis.api.driver.SyncResult;
import org.ioasis.api.driver.UnrecoverableFault;
import org.ioasis.api.machine.DmaBurst;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Scheduler;
import org.ioasis.api.machine.Translation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Devices, entries, faults and hand-over against the unit, in every scheduler mode. */
class DeviceTest {
  private static final int NO_PASID = DmaRequest.NO_PASID;
  private static final long IOVA = 0x12_3456_7000L;

  private static DriverDomain paging(DriverRig rig, long output) {
    DriverDomain domain =
        rig.driver.createDomain(
            new DomainSpec(DomainSpec.Type.PAGING, Set.of(), 0, rig.kind.stage, null, null));
    DomainBatch batch = domain.batch();
    assertThat(batch.map(IOVA, output, 0x1000, 3)).isEqualTo(0x1000);
    assertThat(batch.sync()).isEqualTo(SyncResult.COMPLETE);
    return domain;
  }

  private static LiteralWalker walker(DriverRig rig) {
    return new LiteralWalker(rig.machine.memory(), rig.unit.mmio().read64(0x20));
  }

  @ParameterizedTest
  @MethodSource("org.ioasis.vtd.driver.MapPropertyTest#configurations")
  void attachReplaceDetach(DriverRig.Kind kind, Scheduler.Mode mode) {
    try (DriverRig rig = new DriverRig(kind, mode).started()) {
      DriverDomain a = paging(rig, 0x10_0000);
      DriverDomain b = paging(rig, 0x20_0000);
      DriverDomain identity = rig.driver.createDomain(DomainSpec.identity());
      DriverDomain blocked = rig.driver.createDomain(DomainSpec.blocked());
      DriverDevice device = rig.driver.addDevice(DriverRig.facts());

      assertThat(rig.refuses(NO_PASID, IOVA, 1)).isTrue();
      device.attach(NO_PASID, a);
      assertThat(rig.reaches(NO_PASID, IOVA, 1, 0x10_0000)).isTrue();
      assertThat(device.replace(NO_PASID, a, b, ChangeMode.HITLESS).hitless()).isTrue();
      assertThat(rig.reaches(NO_PASID, IOVA, 2, 0x20_0000)).isTrue();
      device.replace(NO_PASID, b, identity, ChangeMode.HITLESS);
      assertThat(rig.reaches(NO_PASID, 0x30_0000, 2, 0x30_0000)).isTrue();
      device.replace(NO_PASID, identity, blocked, ChangeMode.HITLESS);
      assertThat(rig.refuses(NO_PASID, IOVA, 1)).isTrue();
      assertThat(rig.refuses(NO_PASID, 0x30_0000, 1)).isTrue();
      device.replace(NO_PASID, blocked, a, ChangeMode.HITLESS);
      assertThat(rig.reaches(NO_PASID, IOVA, 1, 0x10_0000)).isTrue();
      assertThat(device.attachments()).containsExactly(new DriverAttachment(NO_PASID, a));

      assertThatThrownBy(a::close)
          .isInstanceOfSatisfying(
              IoasisException.class, e -> assertThat(e.reason()).isEqualTo(Reason.BUSY));
      assertThatThrownBy(() -> device.attach(NO_PASID, b))
          .isInstanceOfSatisfying(
              IoasisException.class, e -> assertThat(e.reason()).isEqualTo(Reason.EXISTS));
      assertThatThrownBy(() -> device.detach(NO_PASID, b))
          .isInstanceOfSatisfying(
              IoasisException.class, e -> assertThat(e.reason()).isEqualTo(Reason.NOT_FOUND));

      device.detach(NO_PASID, a);
      assertThat(rig.refuses(NO_PASID, IOVA, 1)).isTrue();
      device.close();
      List.of(a, b, identity, blocked).forEach(DriverDomain::close);
      rig.driver.stop();
      assertThat(rig.driver.state()).isEqualTo(DriverState.STOPPED);
      assertThat(rig.frames.allocatedBytes()).isZero();
      assertThat(rig.unit.mmio().read32(0x1C) >>> 31).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource(Scheduler.Mode.class)
  void pasidsHavePlacesOfTheirOwn(Scheduler.Mode mode) {
    try (DriverRig rig = new DriverRig(DriverRig.Kind.FIRST, mode).started()) {
      DriverDomain a = paging(rig, 0x10_0000);
      DriverDomain b = paging(rig, 0x20_0000);
      DriverDevice device = rig.driver.addDevice(DriverRig.facts());
      assertThat(device.attach(0x1234, a).reservations())
          .containsExactly(new PasidReservation(0, PasidReservation.Cause.RID_PASID));
      device.attach(0x1235, b);
      assertThat(rig.controls).containsExactly("329 false false true");
      assertThat(rig.reaches(0x1234, IOVA, 1, 0x10_0000)).isTrue();
      assertThat(rig.reaches(0x1235, IOVA, 1, 0x20_0000)).isTrue();
      assertThat(rig.refuses(NO_PASID, IOVA, 1)).isTrue();
      device.replace(0x1234, a, b, ChangeMode.HITLESS);
      assertThat(rig.reaches(0x1234, IOVA, 1, 0x20_0000)).isTrue();

      // One unmap reaches both places.
      DomainBatch batch = b.batch();
      assertThat(batch.unmap(IovaRange.of(IOVA, 0x1000))).isEqualTo(0x1000);
      batch.sync();
      assertThat(rig.refuses(0x1234, IOVA, 1)).isTrue();
      assertThat(rig.refuses(0x1235, IOVA, 1)).isTrue();

      assertThatThrownBy(() -> device.attach(0, a)).hasMessageContaining("RID_PASID");
      assertThatThrownBy(() -> device.attach(1 << 20, a)).hasMessageContaining("20-bit");
      device.close();
      assertThat(rig.controls).endsWith("329 false false false");
      rig.driver.stop();
      assertThat(rig.frames.allocatedBytes()).isZero();
    }
  }

  @Test
  void entriesAreTheFactSheets() {
    try (DriverRig rig = new DriverRig(DriverRig.Kind.LEGACY, Scheduler.Mode.INLINE).started()) {
      DriverDomain domain = paging(rig, 0x9_ABCD_000L);
      rig.driver.addDevice(DriverRig.facts()).attach(NO_PASID, domain);
      long[] entry = walker(rig).contextEntry(DriverRig.SID);
      assertThat(entry[0] & 0xFFF).isEqualTo(1);
      assertThat(entry[1]).isEqualTo(0x202); // AW 2, DID 2
      assertThat(walker(rig).walk(DriverRig.SID, 0, IOVA)).isEqualTo(0x9_ABCD_003L);
    }
    try (DriverRig rig = new DriverRig(DriverRig.Kind.SECOND, Scheduler.Mode.INLINE).started()) {
      DriverDevice device = rig.driver.addDevice(DriverRig.facts());
      device.attach(0x1234, paging(rig, 0x10_0000));
      device.attach(0x1235, rig.driver.createDomain(DomainSpec.identity()));
      device.attach(
          0x1236,
          rig.driver.createDomain(
              new DomainSpec(
                  DomainSpec.Type.PAGING, Set.of(DomainFlag.ENFORCE_SNOOP), 0, 1, null, null)));
      long[] second = walker(rig).pasidEntry(DriverRig.SID, 0x1234);
      assertThat(second[0] & 0xFFF).isEqualTo(0x089);
      assertThat(second[1]).isEqualTo(0x80_0002);
      assertThat(second[2]).isZero();
      long[] identity = walker(rig).pasidEntry(DriverRig.SID, 0x1235);
      assertThat(identity).containsExactly(0x109, 0x80_0003, 0, 0, 0, 0, 0, 0);
      long[] first = walker(rig).pasidEntry(DriverRig.SID, 0x1236);
      assertThat(first[0]).isEqualTo(0x49);
      assertThat(first[1]).isEqualTo(0x180_0004);
      assertThat(first[2] & 0xFFF).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource(DriverRig.Kind.class)
  void nothingLandsAfterUnmapAndSync(DriverRig.Kind kind) throws InterruptedException {
    try (DriverRig rig = new DriverRig(kind, Scheduler.Mode.THREADED).started()) {
      DriverDomain domain = paging(rig, 0x10_0000);
      rig.driver.addDevice(DriverRig.facts()).attach(NO_PASID, domain);
      try (Dma dma = new Dma(rig)) {
        DomainBatch batch = domain.batch();
        for (int round = 0; round < 100; round++) {
          dma.awaitWrites(3);
          assertThat(batch.unmap(IovaRange.of(IOVA, 0x1000))).isEqualTo(0x1000);
          batch.sync();
          rig.machine.memory().store64(0x10_0000, 0xCAFE_F00DL);
          Thread.onSpinWait();
          Thread.yield();
          assertThat(rig.machine.memory().load64(0x10_0000)).isEqualTo(0xCAFE_F00DL);
          assertThat(batch.map(IOVA, 0x10_0000, 0x1000, 3)).isEqualTo(0x1000);
          batch.sync();
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(DriverRig.Kind.class)
  void dmaGoesOnThroughReplaceAndHandOver(DriverRig.Kind kind) throws InterruptedException {
    try (DriverRig rig = new DriverRig(kind, Scheduler.Mode.THREADED).started()) {
      DriverDomain a = paging(rig, 0x10_0000);
      DriverDomain b = paging(rig, 0x20_0000);
      DriverDevice device = rig.driver.addDevice(DriverRig.facts());
      device.attach(NO_PASID, a);
      long held = rig.frames.allocatedBytes();
      try (Dma dma = new Dma(rig)) {
        for (int round = 0; round < 20; round++) {
          dma.awaitWrites(2);
          device.replace(NO_PASID, a, b, ChangeMode.HITLESS);
          rig.machine.memory().store64(0x10_0000, 0xCAFE_F00DL);
          dma.awaitWrites(2);
          assertThat(rig.machine.memory().load64(0x10_0000)).isEqualTo(0xCAFE_F00DL);
          device.replace(NO_PASID, b, a, ChangeMode.HITLESS);
        }
        for (int round = 0; round < 6; round++) {
          Blob left = rig.driver.handOver();
          assertThat(rig.driver.state()).isEqualTo(DriverState.HANDED_OVER);
          dma.awaitWrites(2);
          rig.driver = rig.newDriver();
          AdoptReport report = rig.driver.adopt(round % 3 == 2 ? null : left, rig.faults);
          dma.awaitWrites(2);
          assertThat(report.devices()).hasSize(1);
          assertThat(report.domains()).containsKey(a.key());
        }
        assertThat(dma.refused.get()).isZero();
      }
      // The successor's objects do their work: the domain is emptied, the device detached.
      DriverDomain adopted = adoptAgain(rig).domains().get(a.key());
      DomainBatch batch = adopted.batch();
      assertThat(batch.unmap(IovaRange.of(IOVA, 0x1000))).isEqualTo(0x1000);
      batch.sync();
      assertThat(rig.refuses(NO_PASID, IOVA, 1)).isTrue();
      // Nobody told the third successor of b, which is attached nowhere: its four tables came back.
      assertThat(rig.frames.allocatedBytes()).isEqualTo(held - 0x4000);
    }
  }

  private static AdoptReport adoptAgain(DriverRig rig) {
    Blob left = rig.driver.handOver();
    rig.driver = rig.newDriver();
    return rig.driver.adopt(left, rig.faults);
  }

  @ParameterizedTest
  @MethodSource("org.ioasis.vtd.driver.MapPropertyTest#configurations")
  void aSuccessorGivesEverythingBack(DriverRig.Kind kind, Scheduler.Mode mode) {
    try (DriverRig rig = new DriverRig(kind, mode).started()) {
      DriverDomain a = paging(rig, 0x10_0000);
      paging(rig, 0x20_0000); // attached nowhere
      DriverDomain blocked = rig.driver.createDomain(DomainSpec.blocked());
      DriverDevice device = rig.driver.addDevice(DriverRig.facts());
      device.attach(NO_PASID, kind == DriverRig.Kind.CACHING ? blocked : a);
      AdoptReport report = adoptAgain(rig);
      assertThat(report.domains()).containsOnlyKeys(2L, 3L, 4L);
      assertThatThrownBy(() -> a.batch().sync()).hasMessageContaining("HANDED_OVER");
      rig.driver.stop();
      assertThat(rig.frames.allocatedBytes()).isZero();
    }
  }

  @ParameterizedTest
  @MethodSource("org.ioasis.vtd.driver.MapPropertyTest#configurations")
  void aDriverThatDiedLeavesNothingBehind(DriverRig.Kind kind, Scheduler.Mode mode) {
    try (DriverRig rig = new DriverRig(kind, mode).started()) {
      DriverDomain a = paging(rig, 0x10_0000);
      paging(rig, 0x20_0000); // attached nowhere
      rig.driver.addDevice(DriverRig.facts()).attach(NO_PASID, a);
      rig.driver = rig.newDriver();
      AdoptReport report = rig.driver.adopt(null, rig.faults);
      assertThat(report.framesReturned()).isEqualTo(4);
      assertThat(report.domains()).containsOnlyKeys(a.key());
      assertThat(rig.reaches(NO_PASID, IOVA, 1, 0x10_0000)).isTrue();
      rig.driver.stop();
      assertThat(rig.frames.allocatedBytes()).isZero();
    }
  }

  @Test
  void aHandOverThatIsNotTheTablesIsRefusedAndNothingIsTouched() {
    try (DriverRig rig = new DriverRig(DriverRig.Kind.SECOND, Scheduler.Mode.INLINE).started()) {
      DriverDomain a = paging(rig, 0x10_0000);
      rig.driver.addDevice(DriverRig.facts()).attach(NO_PASID, a);
      Blob early = adoptedBlob(rig);
      DriverDevice device = rig.driver.addDevice(factsOf(0x44));
      device.attach(NO_PASID, rig.driver.createDomain(DomainSpec.identity()));
      rig.driver.handOver();
      rig.driver = rig.newDriver();
      assertThatThrownBy(() -> rig.driver.adopt(early, rig.faults))
          .isInstanceOfSatisfying(
              IoasisException.class, e -> assertThat(e.reason()).isEqualTo(Reason.MALFORMED));
      assertThat(rig.driver.state()).isEqualTo(DriverState.NEW);
      assertThat(rig.reaches(NO_PASID, IOVA, 1, 0x10_0000)).isTrue();
      assertThat(rig.driver.adopt(null, rig.faults).devices()).hasSize(2);
    }
  }

  private static Blob adoptedBlob(DriverRig rig) {
    Blob blob = rig.driver.handOver();
    rig.driver = rig.newDriver();
    rig.driver.adopt(blob, rig.faults);
    return blob;
  }

  private static org.ioasis.api.driver.DeviceFacts factsOf(int sourceId) {
    return new org.ioasis.api.driver.DeviceFacts(
        org.ioasis.api.machine.EndpointSpec.plain("dev" + sourceId, sourceId), List.of(), false);
  }

  @ParameterizedTest
  @MethodSource("org.ioasis.vtd.driver.MapPropertyTest#configurations")
  void faultsReachTheSink(DriverRig.Kind kind, Scheduler.Mode mode) {
    try (DriverRig rig = new DriverRig(kind, mode).started()) {
      DriverDomain domain = paging(rig, 0x10_0000);
      rig.driver.addDevice(DriverRig.facts()).attach(NO_PASID, domain);
      assertThat(rig.refuses(NO_PASID, 0x5000, DmaRequest.WRITE)).isTrue();
      rig.driver.drain(DriverRig.SID, NO_PASID);
      assertThat(rig.refuses(NO_PASID, 0x7000, DmaRequest.READ)).isTrue();
      rig.driver.drain(DriverRig.SID, NO_PASID);
      assertThat(rig.faults.seen).hasSize(2);
      UnrecoverableFault write = rig.faults.seen.get(0);
      int code = kind.stage == 1 ? 0x71 : kind.scalable() ? 0x79 : 0x05;
      assertThat(write.code()).isEqualTo(code);
      assertThat(write.sourceId()).isEqualTo(DriverRig.SID);
      assertThat(write.pasid()).isEqualTo(NO_PASID);
      assertThat(write.address()).isEqualTo(0x5000);
      assertThat(write.access()).isEqualTo(DmaRequest.WRITE);
      assertThat(write.stage()).isEqualTo(kind.stage == 1 ? FaultStage.FIRST : FaultStage.SECOND);
      assertThat(write.faultClass()).isEqualTo(FaultClass.DATA);
      assertThat(write.record().bytes().getLong(0)).isEqualTo(0x5000);
      assertThat(write.record().bytes().getLong(8) & 0xFF_0000_FFFFL)
          .isEqualTo((long) code << 32 | 0x329);
      assertThat(rig.faults.seen.get(1).access()).isEqualTo(DmaRequest.READ);
      assertThat(rig.unit.mmio().read32(0x34) & 0x7F).isZero(); // FRI means nothing now
    }
  }

  @Test
  void overflowIsReportedAndRecordingGoesOn() {
    try (DriverRig rig = new DriverRig(DriverRig.Kind.SECOND, Scheduler.Mode.STEPS).started()) {
      // No turn runs between the two: the second source finds the only record taken.
      org.ioasis.api.machine.DmaPort other =
          rig.machine
              .fabric()
              .join(factsOf(0x44).endpoint(), new org.ioasis.api.machine.Endpoint() {});
      rig.machine.fabric().port(0x44).orElseThrow().open(DriverRig.UNIT);
      assertThat(rig.refuses(NO_PASID, 0x5000, 1)).isTrue();
      DmaBurst burst = other.burst();
      burst.begin();
      burst.translate(new DmaRequest().set(0x44, NO_PASID, 0x6000, 4, 1));
      burst.end();
      rig.machine.scheduler().runUntilIdle(1000);
      assertThat(rig.faults.seen).extracting(UnrecoverableFault::sourceId).containsExactly(0x329);
      assertThat(rig.faults.lost).containsExactly(1L);
      assertThat(rig.refuses(NO_PASID, 0x5000, 1)).isTrue();
      rig.machine.scheduler().runUntilIdle(1000);
      assertThat(rig.faults.seen).hasSize(2);
    }
  }

  @Test
  void whatTheUnitDoesNotOfferIsRefusedByItsBit() {
    try (DriverRig rig = new DriverRig(DriverRig.Kind.LEGACY, Scheduler.Mode.INLINE).started()) {
      for (DomainFlag flag :
          List.of(
              DomainFlag.NEST_PARENT,
              DomainFlag.DIRTY_TRACKING,
              DomainFlag.FAULT_CAPABLE,
              DomainFlag.PASID,
              DomainFlag.ENFORCE_SNOOP)) {
        assertThatThrownBy(() -> rig.driver.createDomain(DomainSpec.paging(Set.of(flag))))
            .isInstanceOfSatisfying(
                IoasisException.class, e -> assertThat(e.reason()).isEqualTo(Reason.UNSUPPORTED))
            .hasMessageContaining("ECAP.");
      }
      DriverDomain domain = paging(rig, 0x10_0000);
      DomainBatch batch = domain.batch();
      assertThatThrownBy(() -> batch.map(0x1234, 0, 0x1000, 3)).hasMessageContaining("multiple");
      assertThatThrownBy(() -> batch.map(1L << 48, 0, 0x1000, 3)).hasMessageContaining("window");
      assertThatThrownBy(() -> batch.map(0x1000, 1L << 48, 0x1000, 3))
          .hasMessageContaining("48 bits");
      assertThatThrownBy(() -> batch.map(0x1000, 0, 0x1000, 4)).hasMessageContaining("rights");
      assertThatThrownBy(() -> rig.driver.addDevice(DriverRig.facts()).attach(7, domain))
          .hasMessageContaining("ECAP.PASID");
    }
  }

  /** A device that writes all the time to one address, in bursts of one access. */
  private static final class Dma implements AutoCloseable {
    final AtomicLong refused = new AtomicLong();
    private final AtomicLong writes = new AtomicLong();
    private final AtomicBoolean ended = new AtomicBoolean();
    private final Thread thread;

    Dma(DriverRig rig) {
      DmaBurst burst = rig.port.burst();
      DmaRequest request = new DmaRequest().set(DriverRig.SID, NO_PASID, IOVA, 8, 2);
      thread =
          new Thread(
              () -> {
                while (!ended.get()) {
                  burst.begin();
                  long answer = burst.translate(request);
                  if (Translation.isPresent(answer)) {
                    burst.store(answer, 8, 0x1111);
                    writes.incrementAndGet();
                  } else {
                    refused.incrementAndGet();
                  }
                  burst.end();
                  Thread.yield();
                }
              });
      thread.start();
    }

    void awaitWrites(int count) throws InterruptedException {
      long target = writes.get() + count;
      for (int tries = 0; writes.get() < target && tries < 30_000; tries++) {
        Thread.sleep(0, 100_000);
      }
      assertThat(writes.get()).isGreaterThanOrEqualTo(target);
    }

    @Override
    public void close() {
      ended.set(true);
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
