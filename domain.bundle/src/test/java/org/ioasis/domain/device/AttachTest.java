package org.ioasis.domain.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ioasis.domain.Rig.NO_PASID;
import static org.ioasis.domain.Rig.refusal;

import org.ioasis.api.IovaRange;
import org.ioasis.api.Reason;
import org.ioasis.api.device.AttachTarget;
import org.ioasis.api.device.Attachment;
import org.ioasis.api.device.Binding;
import org.ioasis.api.device.Device;
import org.ioasis.api.device.DeviceService;
import org.ioasis.api.device.RoutingKey;
import org.ioasis.api.domain.AddressSpace;
import org.ioasis.api.domain.UnmapMode;
import org.ioasis.api.driver.ChangeMode;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.EndpointSpec;
import org.ioasis.api.machine.Translation;
import org.ioasis.domain.Rig;
import org.ioasis.domain.TestDevice;
import org.ioasis.domain.client.Client;
import org.ioasis.testing.Requirement;
import org.junit.jupiter.api.Test;

/** Binding, attaching, replacing and detaching of devices behind real units. */
class AttachTest {
  @Test
  @Requirement({1, 44})
  void dmaPassesFromTheAttachToTheDetachAndNotBeforeNorAfter() throws Exception {
    try (Rig rig = new Rig().vtd("dmar0", Rig.LEGACY).vtdDrivers()) {
      TestDevice nic = rig.device("nic", 0x20);
      AddressSpace space = rig.space("s");
      rig.map(space, rig.memory("m", 4), 0x10000);
      assertThat(nic.refusal(0x10000)).isEqualTo(Translation.Refusal.BLOCKED);
      Device device = rig.bind(nic);
      assertThat(nic.refusal(0x10000)).isEqualTo(Translation.Refusal.BLOCKED);

      Rig.attach(device, space);
      assertThat(nic.store(0x11008, 42)).isTrue();
      assertThat(nic.load(0x11008)).isEqualTo(42);
      assertThat(nic.refusal(0x20000)).isEqualTo(Translation.Refusal.FAULT);
      space.unmap(IovaRange.of(0x10000, 4 * Rig.PAGE), UnmapMode.WHOLE);
      assertThat(nic.refusal(0x11000)).isEqualTo(Translation.Refusal.FAULT);

      device.detach(NO_PASID);
      assertThat(nic.refusal(0x11000)).isEqualTo(Translation.Refusal.BLOCKED);
      assertThat(space.domains()).isEmpty();
      device.detach(NO_PASID);
    }
  }

  @Test
  @Requirement(7)
  void aSecondOwnerIsRefusedAndTheFirstIsNamed() throws Exception {
    DeviceSettings settings = new DeviceSettings().group("0x20-0x21=no ACS between the functions");
    try (Rig rig = new Rig(settings).vtd("dmar0", Rig.LEGACY).vtdDrivers()) {
      TestDevice first = rig.device("nic.0", 0x20);
      rig.device("nic.1", 0x21);
      rig.bind(first);
      DeviceService other = rig.core.deviceService(new Client(2, "other", () -> false));
      var same = refusal(() -> other.bind("nic.0", Binding.of("other vm", 1)));
      var group = refusal(() -> other.bind("nic.1", Binding.of("other vm", 1)));
      assertThat(same.reason()).isEqualTo(Reason.BUSY);
      assertThat(group.reason()).isEqualTo(Reason.BUSY);
      assertThat(group).hasMessageContaining("nic.0").hasMessageContaining("owned by test");
      assertThat(refusal(() -> other.bind("none", Binding.of("x", 1))).reason())
          .isEqualTo(Reason.NOT_FOUND);
    }
  }

  @Test
  void aGroupIsAttachedTogetherOrNotAtAllAndReplacedAsOne() throws Exception {
    DeviceSettings settings = new DeviceSettings().group("0x20-0x21=no ACS");
    try (Rig rig = new Rig(settings).vtd("dmar0", Rig.LEGACY).vtdDrivers()) {
      TestDevice nic0 = rig.device("nic.0", 0x20);
      TestDevice nic1 = rig.device("nic.1", 0x21);
      Device first = rig.bind(nic0);
      Device second = rig.bind(nic1);
      AddressSpace one = rig.space("one");
      AddressSpace two = rig.space("two");
      rig.map(two, rig.memory("m", 1), 0x5000);
      Rig.attach(first, one);
      var refused = refusal(() -> second.attach(new AttachTarget.Space(two.handle()), NO_PASID));
      assertThat(refused.reason()).isEqualTo(Reason.INVALID);
      assertThat(refused).hasMessageContaining("nic.0");
      Rig.attach(second, one);
      second.replace(new AttachTarget.Space(two.handle()), NO_PASID, ChangeMode.WINDOW_ALLOWED);
      assertThat(nic0.reads(0x5000)).isTrue();
      assertThat(nic1.reads(0x5000)).isTrue();
      assertThat(one.domains()).isEmpty();
      assertThat(first.view().group().members()).containsExactly("nic.0", "nic.1");
    }
  }

  @Test
  @Requirement(5)
  void aPlaceIsARoutingKeyAndSaysWhatItHolds() throws Exception {
    try (Rig rig = new Rig().vtd("dmar0", Rig.FIRST).vtdDrivers()) {
      TestDevice gpu = rig.device(new EndpointSpec("gpu", 0x30, false, false, false, false, 16));
      Device device = rig.bind(gpu);
      AddressSpace kernel = rig.space("kernel");
      AddressSpace process = rig.space("process");
      rig.map(kernel, rig.memory("k", 1), 0x1000);
      rig.map(process, rig.memory("p", 1), 0x2000);
      Rig.attach(device, kernel);
      Attachment with = device.attach(new AttachTarget.Space(process.handle()), 5);

      assertThat(gpu.reads(0x1000)).isTrue();
      assertThat(gpu.passes(5, 0x2000, DmaRequest.READ)).isTrue();
      assertThat(gpu.passes(5, 0x1000, DmaRequest.READ)).isFalse();
      assertThat(gpu.passes(6, 0x2000, DmaRequest.READ)).isFalse();
      assertThat(gpu.reads(0x2000)).isFalse();
      assertThat(with.key()).isEqualTo(new RoutingKey(0x30, 5)).hasToString("0x30/pasid 0x5");
      assertThat(rig.core.deviceService(rig.client).attachment(with.key())).contains(with);
      assertThat(with.label()).isEqualTo(0x30);

      var busy = refusal(() -> device.attach(new AttachTarget.Space(kernel.handle()), 5));
      assertThat(busy.reason()).isEqualTo(Reason.BUSY);
      var wide = refusal(() -> device.attach(new AttachTarget.Space(kernel.handle()), 1 << 16));
      assertThat(wide.reason()).isEqualTo(Reason.INVALID);
      assertThat(wide).hasMessageContaining("gpu");
      var reserved = refusal(() -> device.attach(new AttachTarget.Space(kernel.handle()), 0));
      assertThat(reserved.reason()).isEqualTo(Reason.INVALID);
      assertThat(reserved).hasMessageContaining("RID_PASID");

      device.detach(5);
      assertThat(gpu.passes(5, 0x2000, DmaRequest.READ)).isFalse();
      assertThat(gpu.reads(0x1000)).as("the other place is not disturbed").isTrue();
    }
  }

  @Test
  @Requirement(43)
  void aReplaceHasNoMomentWithoutAnEntryAndTellsHowItWent() throws Exception {
    try (Rig rig = new Rig().vtd("dmar0", Rig.SECOND).vtdDrivers()) {
      TestDevice nic = rig.device("nic", 0x20);
      Device device = rig.bind(nic);
      AddressSpace one = rig.space("one");
      AddressSpace two = rig.space("two");
      rig.map(one, rig.memory("a", 1), 0x1000);
      rig.map(two, rig.memory("b", 1), 0x2000);
      var nothing =
          refusal(
              () ->
                  device.replace(
                      new AttachTarget.Space(two.handle()), NO_PASID, ChangeMode.HITLESS));
      assertThat(nothing.reason()).isEqualTo(Reason.INVALID);
      Rig.attach(device, one);
      Attachment now =
          device.replace(new AttachTarget.Space(two.handle()), NO_PASID, ChangeMode.HITLESS);
      assertThat(now.hitless()).isTrue();
      assertThat(now.windowNanos()).isZero();
      assertThat(now.faultsInWindow()).isZero();
      assertThat(nic.reads(0x2000)).isTrue();
      assertThat(nic.reads(0x1000)).isFalse();
    }
  }

  @Test
  void aDeviceThatLeavesIsForgottenAndItsPlacesAreEmptied() throws Exception {
    try (Rig rig = new Rig().vtd("dmar0", Rig.LEGACY).vtdDrivers()) {
      TestDevice nic = rig.device("nic", 0x20);
      Device device = rig.bind(nic);
      AddressSpace space = rig.space("s");
      Rig.attach(device, space);
      nic.port().close();
      assertThat(space.domains()).isEmpty();
      assertThat(
              refusal(() -> device.attach(new AttachTarget.Space(space.handle()), NO_PASID))
                  .reason())
          .isEqualTo(Reason.GONE);
      assertThat(rig.core.deviceService(rig.client).devices()).isEmpty();
      device.destroy();
      TestDevice again = rig.device("nic", 0x20);
      rig.map(space, rig.memory("m", 1), 0x1000);
      Rig.attach(rig.bind(again), space);
      assertThat(again.reads(0x1000)).isTrue();
    }
  }

  @Test
  @Requirement({42, 75})
  void aClientThatGoesLeavesNothingAttached() throws Exception {
    try (Rig rig = new Rig().vtd("dmar0", Rig.LEGACY).vtdDrivers()) {
      TestDevice nic = rig.device("nic", 0x20);
      AddressSpace space = rig.space("s");
      rig.map(space, rig.memory("m", 1), 0x1000);
      Device device = rig.bind(nic);
      Rig.attach(device, space);
      rig.objects.endClient(rig.client);
      assertThat(nic.refusal(0x1000)).isEqualTo(Translation.Refusal.BLOCKED);
      assertThat(rig.objects.size()).isZero();
      assertThat(rig.ioas().leaks()).isNotEmpty();
      assertThat(refusal(() -> rig.core.deviceService(rig.client).device(device.handle())).reason())
          .isEqualTo(Reason.NOT_FOUND);
    }
  }
}
