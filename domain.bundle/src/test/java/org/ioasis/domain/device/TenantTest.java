package org.ioasis.domain.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ioasis.domain.Rig.refusal;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.ioasis.api.Handle;
import org.ioasis.api.Reason;
import org.ioasis.api.device.AssignmentObserver;
import org.ioasis.api.device.AttachTarget;
import org.ioasis.api.device.Device;
import org.ioasis.api.device.Tenant;
import org.ioasis.api.device.TenantSpec;
import org.ioasis.api.domain.AddressSpace;
import org.ioasis.api.domain.Domain;
import org.ioasis.api.domain.DomainRequest;
import org.ioasis.api.driver.ChangeMode;
import org.ioasis.api.driver.DomainFlag;
import org.ioasis.api.machine.Translation;
import org.ioasis.domain.Rig;
import org.ioasis.domain.TestDevice;
import org.ioasis.testing.Requirement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tenants, their coherence, and observers of their edges. */
class TenantTest {
  private Rig rig;
  private TestDevice nic;
  private TestDevice disk;
  private Device plain;
  private Device skipping;
  private AddressSpace space;
  private final List<String> told = new ArrayList<>();

  @BeforeEach
  void start() {
    rig = new Rig(new DeviceSettings().notSnooping(0x21)).vtd("dmar0", "scal-ss-sc").vtdDrivers();
    nic = rig.device("nic", 0x20);
    disk = rig.device("disk", 0x21);
    plain = rig.bind(nic);
    skipping = rig.bind(disk);
    space = rig.space("s");
    rig.map(space, rig.memory("m", 1), 0x1000);
  }

  @AfterEach
  void stop() {
    rig.close();
  }

  private Tenant tenant(Optional<Boolean> declared) {
    return rig.core.deviceService(rig.client).createTenant(new TenantSpec("vm", declared));
  }

  private final class Recorder implements AssignmentObserver {
    @Override
    public AutoCloseable first(Handle<Tenant> tenant, boolean coherent) {
      assertThat(rig.core.parts().structure().isHeldByCurrentThread())
          .as("no lock is held")
          .isFalse();
      told.add("first %s, nic %s".formatted(coherent, nic.refusal(0x1000)));
      return () -> told.add("last, nic %s".formatted(nic.refusal(0x1000)));
    }

    @Override
    public void changed(Handle<Tenant> tenant, boolean coherent) {
      told.add("changed %s, disk %s".formatted(coherent, disk.refusal(0x1000)));
    }
  }

  @Test
  @Requirement({69, 72})
  void theFirstEdgeIsOverBeforeDmaPassesAndTheLastComesAfterTheGrace() {
    rig.core.parts().tenants().add(new Recorder());
    Tenant tenant = tenant(Optional.empty());
    Rig.attach(plain, space);
    assertThat(nic.reads(0x1000)).isTrue();
    plain.attachTenant(tenant.handle());
    assertThat(told).containsExactly("first true, nic BLOCKED");
    assertThat(nic.reads(0x1000)).isTrue();
    assertThat(tenant.devices()).containsExactly("nic");
    assertThat(refusal(tenant::destroy))
        .matches(e -> e.reason() == Reason.BUSY)
        .hasMessageContaining("nic");
    plain.attachTenant(null);
    assertThat(told).endsWith("last, nic BLOCKED").hasSize(2);
    assertThat(nic.reads(0x1000)).isTrue();
    tenant.destroy();
  }

  @Test
  @Requirement(70)
  void coherenceIsThatOfEachDeviceAndTheTenantHasTheSum() {
    rig.core.parts().tenants().add(new Recorder());
    Tenant tenant = tenant(Optional.empty());
    plain.attachTenant(tenant.handle());
    assertThat(tenant.coherent()).isTrue();
    skipping.attachTenant(tenant.handle());
    assertThat(tenant.coherent()).as("attached to nothing, it is not enforced").isFalse();
    assertThat(told).endsWith("changed false, disk BLOCKED");

    Rig.attach(skipping, space);
    assertThat(skipping.view().coherence().enforced()).isTrue();
    assertThat(skipping.view().coherence().mayNotSnoop()).isTrue();
    assertThat(tenant.coherent()).isTrue();
    assertThat(told).endsWith("changed true, disk BLOCKED");
    assertThat(disk.reads(0x1000)).isTrue();

    Domain loose =
        rig.core
            .domainService(rig.client)
            .create(DomainRequest.paging(skipping.handle(), space.handle()));
    assertThat(loose.flags()).doesNotContain(DomainFlag.ENFORCE_SNOOP);
    skipping.replace(
        new AttachTarget.Table(loose.handle()), Rig.NO_PASID, ChangeMode.WINDOW_ALLOWED);
    assertThat(told).endsWith("changed false, disk BLOCKED");
    assertThat(tenant.coherent()).isFalse();
    assertThat(skipping.view().coherence().coherentWalks()).isFalse();
  }

  @Test
  @Requirement(71)
  void whatIsDeclaredAndWhatIsAreComparedAndADifferenceIsAWarning() {
    Tenant tenant = tenant(Optional.of(true));
    plain.attachTenant(tenant.handle());
    assertThat(tenant.warnings()).isEmpty();
    skipping.attachTenant(tenant.handle());
    assertThat(tenant.warnings())
        .singleElement()
        .satisfies(w -> assertThat(w).contains("declared coherent").contains("disk"));
  }

  @Test
  @Requirement({69, 73})
  void anObserverThatRefusesIsNotAssignedToAndTheOthersGetTheirLeasesBack() {
    rig.core.parts().tenants().add(new Recorder());
    rig.core
        .parts()
        .tenants()
        .add(
            (tenant, coherent) -> {
              throw new IllegalStateException("no posted interrupts here");
            });
    Tenant tenant = tenant(Optional.empty());
    var refused = refusal(() -> plain.attachTenant(tenant.handle()));
    assertThat(refused.reason()).isEqualTo(Reason.DENIED);
    assertThat(refused).hasMessageContaining("no posted interrupts");
    assertThat(told).containsExactly("first true, nic BLOCKED", "last, nic BLOCKED");
    assertThat(tenant.devices()).isEmpty();
    tenant.destroy();
  }

  @Test
  @Requirement({67, 68, 69})
  void withoutObserversEverythingWorksAndOneThatCallsBackIsRefusedNotBlocked() {
    Tenant tenant = tenant(Optional.empty());
    plain.attachTenant(tenant.handle());
    plain.attachTenant(null);
    List<Reason> seen = new ArrayList<>();
    rig.core
        .parts()
        .tenants()
        .add(
            (handle, coherent) -> {
              seen.add(refusal(() -> skipping.attachTenant(handle)).reason());
              return null;
            });
    plain.attachTenant(tenant.handle());
    assertThat(seen).containsExactly(Reason.BUSY);
    plain.destroy();
    assertThat(tenant.devices()).isEmpty();
    assertThat(nic.refusal(0x1000)).isEqualTo(Translation.Refusal.BLOCKED);
  }
}
