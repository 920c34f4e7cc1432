package org.ioasis.domain.hwpt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ioasis.domain.Rig.NO_PASID;
import static org.ioasis.domain.Rig.PAGE;
import static org.ioasis.domain.Rig.blob;

import java.util.Set;
import org.ioasis.amdvi.driver.AmdViDriverFactory;
import org.ioasis.amdvi.hardware.AmdviFactory;
import org.ioasis.api.Blob;
import org.ioasis.api.device.AttachTarget;
import org.ioasis.api.device.Device;
import org.ioasis.api.domain.AddressSpace;
import org.ioasis.api.domain.Domain;
import org.ioasis.api.domain.DomainRequest;
import org.ioasis.api.domain.MapRequest;
import org.ioasis.api.domain.MemorySource;
import org.ioasis.api.domain.MemorySpec;
import org.ioasis.api.domain.PasidTable;
import org.ioasis.api.driver.DomainFlag;
import org.ioasis.api.hardware.HardwareFactory;
import org.ioasis.api.ioasid.Pasid;
import org.ioasis.api.machine.EndpointSpec;
import org.ioasis.domain.Rig;
import org.ioasis.domain.device.DeviceSettings;
import org.ioasis.smmuv3.driver.SmmuDriverFactory;
import org.ioasis.smmuv3.hardware.SmmuFactory;
import org.ioasis.testing.Requirement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a user's PASID table says, in the vendor's words, read from his memory. */
class UserPasidTableTest {
  private static final long GUEST = 0x80_0000;
  private static final Pasid THERE = new Pasid(5), NOT_THERE = new Pasid(6);

  private Rig rig;
  private Device device;
  private Domain nested;

  private PasidTable table(HardwareFactory unit, Blob entry) {
    rig =
        new Rig(new DeviceSettings().route("0x0-0xff=unit"))
            .unit("unit", unit, "full")
            .drivers(new SmmuDriverFactory(), new AmdViDriverFactory());
    device = rig.bind(rig.device(new EndpointSpec("gpu", 0x20, true, true, true, false, 16)));
    AddressSpace space = rig.space("guest");
    MemorySource ram = rig.ioas().createSource("ram", new MemorySpec.Region(GUEST, 32 * PAGE));
    space.map(MapRequest.of(ram.handle(), 0, 32 * PAGE, Rig.RW).at(0));
    Domain parent =
        rig.core
            .domainService(rig.client)
            .create(
                DomainRequest.paging(device.handle(), space.handle())
                    .with(Set.of(DomainFlag.NEST_PARENT)));
    nested =
        rig.core
            .domainService(rig.client)
            .create(
                DomainRequest.nested(device.handle(), parent.handle(), entry)
                    .with(Set.of(DomainFlag.USER_PASID_TABLE)));
    return nested.pasidTable().orElseThrow();
  }

  @AfterEach
  void stop() {
    rig.close();
  }

  private void store(long guestAddress, long value) {
    rig.machine.memory().store64(GUEST + guestAddress, value);
  }

  private void attach() {
    device.attach(new AttachTarget.Table(nested.handle()), NO_PASID);
  }

  private static String told(PasidTable table, Pasid pasid) {
    return table.entry(pasid).orElseThrow().toString();
  }

  @Test
  @Requirement({10, 61})
  void anSmmusContextDescriptors() {
    Blob entry = blob("smmuv3.guest-ste", 0x2000_0000_0000_100BL, 0x1000_00D6L);
    PasidTable table = table(new SmmuFactory(), entry);
    assertThat(table.domain()).isEqualTo(nested.handle());
    assertThat(table.data()).isEqualTo(entry);
    assertThat(table.entry(THERE)).as("attached nowhere").isEmpty();
    attach();
    store(0x1000 + 64 * 5, 0x0005_E205_C000_3510L);
    store(0x1000 + 64 * 5 + 8, 0x8000);
    assertThat(told(table, THERE))
        .startsWith("pasid=0x5 fault=F_TRANSLATION")
        .containsPattern("structure=CD\\[0x5] address=0x801140 [^,]* V=1 [^,]* TTB0=0x8000 ");
    assertThat(told(table, NOT_THERE))
        .startsWith("pasid=0x6 fault=C_BAD_CD")
        .containsPattern("structure=CD\\[0x6] address=0x801180 [^,]* V=0 ");
    rig.removeUnit("unit");
    assertThat(table.entry(THERE)).as("nobody reads it now").isEmpty();
  }

  @Test
  @Requirement({10, 61})
  void anAmdIommusGcr3Table() {
    PasidTable table =
        table(new AmdviFactory(), blob("amdvi.guest-dte", 0x0490_0000_0000_0001L, 0, 0, 0));
    attach();
    store(0x1000 + 8 * 5, 0x2001);
    assertThat(told(table, THERE))
        .startsWith("pasid=0x5 fault=IO_PAGE_FAULT")
        .contains("structure=GCR3-L1[0x5] address=0x801028 V=1 Address=0x2000");
    assertThat(told(table, NOT_THERE))
        .startsWith("pasid=0x6 fault=IO_PAGE_FAULT")
        .contains("structure=GCR3-L1[0x6] address=0x801030 V=0 ");
  }
}
