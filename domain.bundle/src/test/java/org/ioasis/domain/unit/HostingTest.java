package org.ioasis.domain.unit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ioasis.domain.Rig.NO_PASID;
import static org.ioasis.domain.Rig.refusal;

import java.util.concurrent.TimeUnit;
import org.ioasis.api.IovaRange;
import org.ioasis.api.Reason;
import org.ioasis.api.device.AttachTarget;
import org.ioasis.api.device.Device;
import org.ioasis.api.domain.AddressSpace;
import org.ioasis.api.domain.DomainEvent;
import org.ioasis.api.domain.UnmapMode;
import org.ioasis.api.machine.Translation;
import org.ioasis.domain.Rig;
import org.ioasis.domain.TestDevice;
import org.ioasis.testing.Requirement;
import org.ioasis.vtd.driver.VtdDriverFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Drivers and units come, go, are exchanged and throw, beneath a device that does DMA. */
@Timeout(value = 30, unit = TimeUnit.SECONDS)
class HostingTest {
  private final Meddler driver = new Meddler(new VtdDriverFactory());
  private Rig rig;
  private TestDevice nic;
  private Device device;
  private AddressSpace space;

  @BeforeEach
  void start() {
    rig = new Rig().vtd("dmar0", Rig.SECOND).drivers(driver);
    nic = rig.device("nic", 0x20);
    device = rig.bind(nic);
    space = rig.space("s");
    rig.map(space, rig.memory("m", 4), 0x10000);
    Rig.attach(device, space);
    assertThat(nic.store(0x10000, 77)).isTrue();
  }

  @AfterEach
  void stop() {
    rig.close();
  }

  private UnitHost host() {
    return rig.core.parts().hosts().require("dmar0");
  }

  @Test
  void aDriverIsUpdatedWhileItsHardwareTranslatesOn() {
    rig.core.parts().hosts().factoryGone(driver);
    assertThat(host().state()).isEqualTo(UnitHost.State.ALONE);
    assertThat(nic.load(0x10000)).as("the unit translates on").isEqualTo(77);
    long epoch = host().epoch();
    rig.vtdDrivers();
    assertThat(host().state()).isEqualTo(UnitHost.State.RUNNING);
    assertThat(host().epoch()).as("adopted, not started").isEqualTo(epoch);
    assertThat(nic.load(0x10000)).isEqualTo(77);
    rig.map(space, rig.memory("n", 1), 0x20000);
    assertThat(nic.reads(0x20000)).isTrue();
    space.unmap(IovaRange.of(0x10000, 4 * Rig.PAGE), UnmapMode.WHOLE);
    assertThat(nic.reads(0x10000)).isFalse();
    assertThat(rig.events()).isEmpty();
  }

  @Test
  void aSecondFactoryTakesOverAtOnceWhenTheFirstGoes() {
    rig.vtdDrivers();
    rig.core.parts().hosts().factoryGone(driver);
    assertThat(host().state()).isEqualTo(UnitHost.State.RUNNING);
    assertThat(host().counters()).containsEntry("driver.adoptions", 1L);
    assertThat(nic.load(0x10000)).isEqualTo(77);
  }

  @Test
  void whatIsRemovedWhileNoDriverIsThereIsGoneAllTheSame() {
    rig.core.parts().hosts().factoryGone(driver);
    space.unmap(IovaRange.of(0x10000, 4 * Rig.PAGE), UnmapMode.WHOLE);
    assertThat(nic.refusal(0x10000)).isEqualTo(Translation.Refusal.BLOCKED);
    rig.map(space, rig.memory("n", 1), 0x30000);
    rig.vtdDrivers();
    assertThat(nic.refusal(0x10000)).isEqualTo(Translation.Refusal.FAULT);
    assertThat(nic.reads(0x30000)).isTrue();
  }

  @Test
  void whatIsDetachedWhileNoDriverIsThereIsDetachedByTheNext() {
    rig.core.parts().hosts().factoryGone(driver);
    device.detach(NO_PASID);
    assertThat(nic.refusal(0x10000)).isEqualTo(Translation.Refusal.BLOCKED);
    assertThat(refusal(() -> device.attach(new AttachTarget.Space(space.handle()), NO_PASID)))
        .matches(e -> e.reason() == Reason.GONE)
        .hasMessageContaining("dmar0");
    long frames = host().framesHeld();
    rig.vtdDrivers();
    assertThat(host().framesHeld())
        .as("the table went with its last attachment")
        .isLessThan(frames);
    Rig.attach(device, space);
    assertThat(nic.load(0x10000)).isEqualTo(77);
  }

  @Test
  void aUnitThatGoesLeavesItsDevicesInQuarantineAndComesBackToThem() {
    rig.removeUnit("dmar0");
    assertThat(nic.refusal(0x10000)).isEqualTo(Translation.Refusal.BLOCKED);
    assertThat(rig.core.swapService().quarantined()).containsExactly("nic");
    assertThat(device.view().unitId()).isEmpty();
    assertThat(device.attachments()).hasSize(1);
    space.unmap(IovaRange.of(0x10000, 4 * Rig.PAGE), UnmapMode.WHOLE);
    rig.map(space, rig.memory("n", 2), 0x40000);

    rig.vtd("dmar0", Rig.LEGACY);
    assertThat(rig.core.swapService().quarantined()).isEmpty();
    assertThat(nic.reads(0x41000)).isTrue();
    assertThat(nic.refusal(0x10000)).isEqualTo(Translation.Refusal.FAULT);
    assertThat(rig.events())
        .hasSize(2)
        .first()
        .isInstanceOfSatisfying(
            DomainEvent.UnitGone.class, gone -> assertThat(gone.devices()).containsExactly("nic"));
    assertThat(rig.events().get(1)).isInstanceOf(DomainEvent.UnitBack.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"create", "start", "capabilities"})
  @Requirement(67)
  void aDriverThatThrowsInItsActivationIsContained(String call) {
    Meddler bad = new Meddler(new VtdDriverFactory()).breaks(call);
    rig.core.parts().hosts().factoryGone(driver);
    rig.removeUnit("dmar0");
    rig.drivers(bad);
    rig.vtd("dmar0", Rig.SECOND);
    assertThat(host().state()).isEqualTo(UnitHost.State.FAILED);
    assertThat(host().counters()).containsEntry("driver.failures", 1L);
    assertThat(nic.refusal(0x10000)).isEqualTo(Translation.Refusal.BLOCKED);
    bad.mends(call);
    rig.core.parts().hosts().exchangeDriver(host());
    assertThat(host().state()).isEqualTo(UnitHost.State.RUNNING);
    assertThat(nic.load(0x10000)).isEqualTo(77);
  }

  @ParameterizedTest
  @ValueSource(strings = {"batch.map", "batch.sync", "device.detach", "device.attach", "drain"})
  void aDriverThatThrowsInACallIsContainedAndStartsAnew(String call) {
    TestDevice other = rig.device("other", 0x21);
    Device second = rig.bind(other);
    driver.breaks(call);
    switch (call) {
      case "batch.map" -> rig.map(space, rig.memory("n", 1), 0x20000);
      case "batch.sync" -> space.unmap(IovaRange.of(0x10000, 4 * Rig.PAGE), UnmapMode.WHOLE);
      case "device.attach" ->
          assertThat(
                  refusal(() -> second.attach(new AttachTarget.Space(space.handle()), NO_PASID))
                      .reason())
              .isEqualTo(Reason.GONE);
      default -> device.detach(NO_PASID);
    }
    assertThat(host().state()).isEqualTo(UnitHost.State.FAILED);
    assertThat(nic.refusal(0x10000)).isEqualTo(Translation.Refusal.BLOCKED);
    assertThat(other.refusal(0x10000)).isEqualTo(Translation.Refusal.BLOCKED);
    driver.mends(call);
    rig.core.parts().hosts().exchangeDriver(host());
    if (device.attachments().isEmpty()) {
      Rig.attach(device, space);
    }
    Rig.attach(second, space);
    rig.map(space, rig.memory("o", 1), 0x50000);
    assertThat(nic.reads(0x50000)).isTrue();
    assertThat(other.reads(0x50000)).isTrue();
    assertThat(nic.reads(0x10000)).isEqualTo(!call.equals("batch.sync"));
    assertThat(nic.reads(0x20000)).isEqualTo(call.equals("batch.map"));
  }

  @Test
  void whenEverythingEndsPortsAreClosedAndFramesAreBack() {
    assertThat(host().framesHeld()).isPositive();
    UnitHost host = host();
    rig.core.close();
    assertThat(nic.refusal(0x10000)).isEqualTo(Translation.Refusal.BLOCKED);
    assertThat(host.framesHeld()).isZero();
    assertThat(host.state()).isEqualTo(UnitHost.State.GONE);
  }

  @Test
  @Requirement(52)
  void withoutARouterAFaultOfTheUnitIsCountedAndDisturbsNobody() {
    assertThat(nic.refusal(0x90000)).isEqualTo(Translation.Refusal.FAULT);
    assertThat(host().counters()).containsEntry("faults.unrecoverable", 1L);
    assertThat(rig.core.parts().origin().routes().routes())
        .singleElement()
        .satisfies(route -> assertThat(route.label()).isEqualTo(0x20));
  }
}
