package org.ioasis.smmuv3.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.ioasis.api.driver.DomainSpec;
import org.ioasis.api.driver.DriverDevice;
import org.ioasis.api.driver.DriverDomain;
import org.ioasis.api.machine.Scheduler;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What stands in memory after an attach, word by word. */
class PlansTest {
  private final DriverRig rig = new DriverRig(Scheduler.Mode.INLINE).started();
  private final DriverDevice device = rig.driver.addDevice(rig.facts());
  private final long ste = ((SmmuDriver) rig.driver).streams().entry(DriverRig.SID);

  @AfterEach
  void close() {
    rig.close();
  }

  private DriverDomain domain(int stage) {
    return rig.driver.createDomain(
        new DomainSpec(DomainSpec.Type.PAGING, Set.of(), 0, stage, null, null));
  }

  @Test
  void anEntryOfNobodyAborts() {
    assertThat(rig.at(ste)).isEqualTo(1);
    assertThat(rig.at(ste + 64)).isEqualTo(1);
  }

  @Test
  void stageOne() {
    DriverDomain domain = domain(1);
    device.attach(DriverRig.NONE, domain);
    long word0 = rig.at(ste);
    assertThat(word0 & 0xF).as("V, Config 101").isEqualTo(0xB);
    assertThat(word0 >>> 4 & 3).as("64 KiB second level").isEqualTo(2);
    assertThat(word0 >>> 59).as("S1CDMax").isEqualTo(20);
    // S1DSS=2, CIR=COR=WB-RA, CSH=ISH as in entry A with EATS of the fact sheet; MEV beside it
    assertThat(rig.at(ste + 8)).isEqualTo(0x0000_1000_1000_00D6L | 1L << 19);
    long second = rig.at(word0 & 0x00FF_FFFF_FFFF_F000L) & 0x00FF_FFFF_FFFF_F000L;
    // T0SZ 16, 4K, WBWA, ISH, EPD1, V, AA64, R, A, ASET: as in the fact sheet but for IPS and ASID
    assertThat(rig.at(second) & ~(7L << 32) & 0x0000_FFFF_FFFF_FFFFL)
        .isEqualTo(0x0000_E205_C000_3510L & ~(7L << 32));
    assertThat(rig.at(second + 8)).isEqualTo(domain.key());
    assertThat(rig.at(second + 24)).isEqualTo(0xF404_FF44L);
  }

  @Test
  void stageTwo() {
    DriverDomain domain = domain(2);
    device.attach(DriverRig.NONE, domain);
    assertThat(rig.at(ste)).isEqualTo(0xD);
    long word2 = rig.at(ste + 16);
    int inputBits = 64 - (int) (word2 >>> 32 & 0x3F);
    assertThat(inputBits).isEqualTo(48);
    assertThat(word2 >>> 38 & 3).as("S2SL0: level 0").isEqualTo(2);
    assertThat(word2 >>> 40 & 0xFF).as("WB, WB, ISH, 4K").isEqualTo(0x35);
    assertThat(word2 >>> 51 & 1).as("S2AA64").isOne();
    assertThat(word2 >>> 58 & 1).as("S2R").isOne();
    assertThat(rig.at(ste + 24)).isEqualTo(domain.key());
  }
}
