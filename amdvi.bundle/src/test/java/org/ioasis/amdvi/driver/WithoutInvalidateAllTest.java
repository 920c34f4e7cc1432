package org.ioasis.amdvi.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.ioasis.amdvi.driver.DriverRig.NONE;
import static org.ioasis.amdvi.driver.DriverRig.RW;

import java.util.Set;
import java.util.TreeMap;
import org.ioasis.amdvi.UnitUnderTest;
import org.ioasis.api.IoasisException;
import org.ioasis.api.IovaRange;
import org.ioasis.api.Reason;
import org.ioasis.api.driver.DomainBatch;
import org.ioasis.api.driver.DomainFlag;
import org.ioasis.api.driver.DomainSpec;
import org.ioasis.api.driver.DriverDevice;
import org.ioasis.api.driver.DriverDomain;
import org.ioasis.api.driver.DriverFeature;
import org.ioasis.api.engine.TransferStatus;
import org.ioasis.api.machine.Profile;
import org.ioasis.api.machine.Scheduler;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A unit with EFR.IASup=0 and MsiCapMmioSup=0: it is emptied piece by piece, and asked. */
class WithoutInvalidateAllTest {
  private static final long IOVA = 0x1234_0000L, OUT = 0x10_0000, PAGE = 0x1000;

  /** EFR bits: IASup 6, MsiCapMmioSup 46. */
  private static Profile profile() {
    Profile full = UnitUnderTest.factory().profiles().get(0);
    TreeMap<String, Long> registers = new TreeMap<>(full.registers());
    registers.computeIfPresent("EXT_FEATURES", (name, value) -> value & ~(1L << 6 | 1L << 46));
    return new Profile(
        full.kind(), full.name(), registers, full.parameters(), full.ram(), full.mmioBase());
  }

  @ParameterizedTest
  @EnumSource(Scheduler.Mode.class)
  void mapsUnmapsAndStops(Scheduler.Mode mode) {
    try (DriverRig rig = new DriverRig(mode, profile()).started()) {
      assertThat(rig.unit.mmio().read64(0x30) & (1L << 6 | 1L << 46)).isZero();
      assertThat(rig.driver.capabilities().features())
          .contains(DriverFeature.SECOND_STAGE)
          .doesNotContain(DriverFeature.FIRST_STAGE, DriverFeature.PASID, DriverFeature.NESTED);
      DriverDomain domain = rig.driver.createDomain(DomainSpec.paging(Set.of()));
      DriverDevice device = rig.driver.addDevice(DriverRig.facts());
      device.attach(NONE, domain);
      DomainBatch batch = domain.batch();
      assertThat(batch.map(IOVA, OUT, 2 * PAGE, RW)).isEqualTo(2 * PAGE);
      assertThat(batch.sync().complete()).isTrue();
      assertThat(rig.write(NONE, IOVA, 0x77)).isEqualTo(TransferStatus.OK);
      assertThat(rig.at(OUT)).isEqualTo(0x77);
      DomainBatch second = domain.batch();
      assertThat(second.unmap(IovaRange.of(IOVA, PAGE))).isEqualTo(PAGE);
      assertThat(second.sync().complete()).isTrue();
      // A translation request that finds nothing is answered, not logged: switch ATS off.
      rig.machine.fabric().endpoint(DriverRig.SID).orElseThrow().enable(false, false, false);
      assertThat(rig.write(NONE, IOVA, 1)).isEqualTo(TransferStatus.FAULT);
      rig.settle(); // no message was programmed: draining reads the log
      assertThat(rig.faults.seen).isNotEmpty();
      assertThat(rig.faults.seen.get(0).name()).isEqualTo("IO_PAGE_FAULT");
      assertThatThrownBy(() -> rig.driver.createDomain(DomainSpec.paging(Set.of(DomainFlag.PASID))))
          .isInstanceOfSatisfying(
              IoasisException.class,
              refusal -> assertThat(refusal.reason()).isEqualTo(Reason.UNSUPPORTED));
      rig.driver.stop();
      assertThat(rig.held()).isEqualTo(rig.framesBefore);
    }
  }
}
