package org.ioasis.vtd.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.ioasis.api.IovaRange;
import org.ioasis.api.driver.ChangeMode;
import org.ioasis.api.driver.DeviceFacts;
import org.ioasis.api.driver.DomainBatch;
import org.ioasis.api.driver.DriverDevice;
import org.ioasis.api.driver.DriverDomain;
import org.ioasis.api.driver.SyncResult;
import org.ioasis.api.machine.AtcInvalidation;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.EndpointSpec;
import org.ioasis.api.machine.Scheduler;
import org.ioasis.api.machine.Translation;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Device TLBs: switched on, told of every change before the call returns, and left out if silent.
 */
class DeviceTlbTest {
  private static final int NO_PASID = FullRig.NO_PASID;
  private static final long IOVA = 0x12_3400_0000L;

  @ParameterizedTest
  @EnumSource(Scheduler.Mode.class)
  void devicesAreToldBeforeTheSyncReturns(Scheduler.Mode mode) {
    try (FullRig rig = new FullRig(mode).started()) {
      DriverDomain domain = rig.paging(2);
      DomainBatch batch = domain.batch();
      batch.map(IOVA, 0x100_0000, 0x4000, 3);
      batch.sync();
      DriverDevice device = rig.driver.addDevice(rig.a.facts());
      device.attach(NO_PASID, domain);
      device.attach(0x1234, domain);
      assertThat(rig.a.switches).containsExactly("true false false", "true false true");
      long held =
          rig.a.translate(NO_PASID, IOVA, DmaRequest.READ, DmaRequest.AT_TRANSLATION_REQUEST);
      assertThat(Translation.address(held)).isEqualTo(0x100_0000);

      batch.unmap(IovaRange.of(IOVA, 0x3000));
      assertThat(batch.sync()).isEqualTo(SyncResult.COMPLETE);
      // Pages 0 to 2 are inside four pages, told for requests without PASID and for the PASID.
      assertThat(rig.a.invalidations)
          .containsExactlyInAnyOrder(
              new AtcInvalidation(0x329, NO_PASID, IOVA, 14, false),
              new AtcInvalidation(0x329, 0x1234, IOVA, 14, false));

      rig.a.invalidations.clear();
      DriverDomain other = rig.paging(2);
      assertThat(device.replace(0x1234, domain, other, ChangeMode.HITLESS).sync().complete())
          .isTrue();
      assertThat(device.detach(NO_PASID, domain)).isEqualTo(SyncResult.COMPLETE);
      assertThat(rig.a.invalidations)
          .containsExactly(
              new AtcInvalidation(0x329, 0x1234, 0, 64, false),
              new AtcInvalidation(0x329, NO_PASID, 0, 64, false));
      assertThat(rig.isolated).isEmpty();
      device.close();
      assertThat(rig.a.switches).endsWith("false false false");
    }
  }

  @ParameterizedTest
  @EnumSource(Scheduler.Mode.class)
  void legacyModeToo(Scheduler.Mode mode) {
    try (FullRig rig = new FullRig(mode)) {
      rig.legacy = 1;
      rig.driver = rig.newDriver();
      rig.started();
      DriverDomain domain = rig.paging(2);
      DomainBatch batch = domain.batch();
      batch.map(IOVA, 0x100_0000, 0x1000, 3);
      DriverDevice device = rig.driver.addDevice(rig.a.facts());
      device.attach(NO_PASID, domain);
      LiteralWalker walker = new LiteralWalker(rig.machine.memory(), rig.unit.mmio().read64(0x20));
      assertThat(walker.contextEntry(0x329)[0] & 0xF).isEqualTo(5); // P, TT=01
      batch.unmap(IovaRange.of(IOVA, 0x1000));
      batch.sync();
      assertThat(rig.a.invalidations)
          .containsExactly(new AtcInvalidation(0x329, NO_PASID, IOVA, 12, false));
    }
  }

  @ParameterizedTest
  @EnumSource(Scheduler.Mode.class)
  void whoDoesNotAnswerIsIsolatedAndNamedBeforeFramesComeBack(Scheduler.Mode mode) {
    try (FullRig rig = new FullRig(mode).started()) {
      DriverDomain domain = rig.paging(2);
      DomainBatch batch = domain.batch();
      batch.map(IOVA, 0x100_0000, 0x4000, 3);
      DriverDevice first = rig.driver.addDevice(rig.a.facts());
      DriverDevice second = rig.driver.addDevice(rig.b.facts());
      first.attach(NO_PASID, domain);
      second.attach(NO_PASID, domain);

      rig.a.silent = true;
      batch.unmap(IovaRange.of(IOVA, 0x1000));
      assertThat(batch.sync().unanswered()).containsExactly(0x329);
      assertThat(rig.isolated).containsExactly(0x329);
      assertThat(rig.a.reach(NO_PASID, IOVA + 0x1000, 1)).isEqualTo(-1);
      assertThat(rig.b.reach(NO_PASID, IOVA + 0x1000, 1)).isEqualTo(0x100_1000);

      rig.b.silent = true; // both at once: the unit names one
      batch.unmap(IovaRange.of(IOVA + 0x1000, 0x1000));
      assertThat(batch.sync().unanswered()).containsExactlyInAnyOrder(0x329, 0x340);
      assertThat(rig.isolated).contains(0x340);

      // The queue goes on: nobody else is harmed.
      rig.a.silent = false;
      rig.b.silent = false;
      batch.unmap(IovaRange.of(IOVA + 0x2000, 0x1000));
      assertThat(batch.sync()).isEqualTo(SyncResult.COMPLETE);
      rig.a.silent = true;
      assertThat(first.detach(NO_PASID, domain).unanswered()).containsExactly(0x329);
      assertThat(rig.driver.counters().get("devicetlb.timeouts")).isPositive();
    }
  }

  @ParameterizedTest
  @EnumSource(Scheduler.Mode.class)
  void anUntrustedDeviceGetsNoTranslationsOfItsOwn(Scheduler.Mode mode) {
    try (FullRig rig = new FullRig(mode).started()) {
      EndpointSpec spec = new EndpointSpec("stranger", 0x329, false, true, true, false, 0);
      DriverDomain domain = rig.paging(2);
      DriverDevice device = rig.driver.addDevice(new DeviceFacts(spec, List.of(), false));
      device.attach(NO_PASID, domain);
      assertThat(rig.a.switches).isEmpty();
      LiteralWalker walker = new LiteralWalker(rig.machine.memory(), rig.unit.mmio().read64(0x20));
      assertThat(walker.pasidEntry(0x329, 0)[0] & 1).isEqualTo(1);
      long answer =
          rig.a.translate(NO_PASID, IOVA, DmaRequest.READ, DmaRequest.AT_TRANSLATION_REQUEST);
      assertThat(Translation.isPresent(answer)).isFalse();
    }
  }
}
