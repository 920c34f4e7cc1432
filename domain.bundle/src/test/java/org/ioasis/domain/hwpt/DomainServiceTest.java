package org.ioasis.domain.hwpt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ioasis.domain.Rig.NO_PASID;
import static org.ioasis.domain.Rig.refusal;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Set;
import org.ioasis.amdvi.driver.AmdViDriverFactory;
import org.ioasis.amdvi.hardware.AmdviFactory;
import org.ioasis.api.Blob;
import org.ioasis.api.Handle;
import org.ioasis.api.IovaRange;
import org.ioasis.api.Reason;
import org.ioasis.api.device.AttachTarget;
import org.ioasis.api.device.Device;
import org.ioasis.api.device.HardwareInfo;
import org.ioasis.api.domain.AddressSpace;
import org.ioasis.api.domain.AddressSpaceSpec;
import org.ioasis.api.domain.Domain;
import org.ioasis.api.domain.DomainEvent;
import org.ioasis.api.domain.DomainRequest;
import org.ioasis.api.domain.DomainService;
import org.ioasis.api.domain.SwapReport;
import org.ioasis.api.domain.SwapRequest;
import org.ioasis.api.driver.BatchResult;
import org.ioasis.api.driver.ChangeMode;
import org.ioasis.api.driver.DomainFlag;
import org.ioasis.api.fault.FaultQueue;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Translation;
import org.ioasis.domain.Rig;
import org.ioasis.domain.TestDevice;
import org.ioasis.domain.client.Client;
import org.ioasis.domain.device.DeviceSettings;
import org.ioasis.testing.Requirement;
import org.ioasis.vtd.driver.VtdDriverFactory;
import org.ioasis.vtd.hardware.VtdFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Domains that are asked for: nested, dirty, with a queue; and what is refused. */
class DomainServiceTest {
  private static final long IOVA = 0x7F81_2345_6000L;

  private Rig rig;
  private TestDevice nic;
  private Device device;
  private AddressSpace space;
  private DomainService service;

  @BeforeEach
  void start() {
    rig =
        new Rig(new DeviceSettings().route("0x0-0xff=old"))
            .unit("old", new VtdFactory(), "full")
            .unit("twin", new VtdFactory(), "full")
            .unit("other", new AmdviFactory(), "full")
            .drivers(new VtdDriverFactory(), new AmdViDriverFactory());
    nic = rig.device("nic", 0x20);
    device = rig.bind(nic);
    space = rig.space("s");
    service = rig.core.domainService(rig.client);
  }

  @AfterEach
  void stop() {
    rig.close();
  }

  /** A guest's tables by hand: four of them from a guest address on lead the IOVA to a page. */
  private Domain guest() {
    rig.map(space, rig.memory("guest", 32), 0);
    Domain parent =
        service.create(
            DomainRequest.paging(device.handle(), space.handle())
                .with(Set.of(DomainFlag.NEST_PARENT)));
    long top = 0x1000;
    put(parent, top + 8 * (IOVA >>> 39 & 0x1FF), top + 0x1000 | 7);
    put(parent, top + 0x1000 + 8 * (IOVA >>> 30 & 0x1FF), top + 0x2000 | 7);
    put(parent, top + 0x2000 + 8 * (IOVA >>> 21 & 0x1FF), top + 0x3000 | 7);
    put(parent, top + 0x3000 + 8 * (IOVA >>> 12 & 0x1FF), 0x9000 | 7);
    return parent;
  }

  private void put(Domain parent, long guestAddress, long value) {
    rig.machine.memory().store64(Translation.address(parent.lookup(guestAddress)), value);
  }

  private static Blob stage(long top) {
    return Rig.blob("vtd.hwpt-s1", 0, top, 48);
  }

  private Domain nested(Domain parent) {
    return service.create(DomainRequest.nested(device.handle(), parent.handle(), stage(0x1000)));
  }

  private static Blob record(long... words) {
    return Rig.blob("vtd.s1-invalidate", words);
  }

  @Test
  @Requirement(10)
  void aUsersFirstStageStandsOverTheSpaceAndHisInvalidationsPassThrough() {
    Domain parent = guest();
    Domain nested = nested(parent);
    assertThat(nested.space()).isEqualTo(space.handle());
    device.attach(new AttachTarget.Table(nested.handle()), NO_PASID);
    assertThat(nic.store(IOVA + 8, 66)).isTrue();
    assertThat(rig.machine.memory().load64(Translation.address(parent.lookup(0x9008))))
        .isEqualTo(66);
    put(parent, 0x4000 + 8 * (IOVA >>> 12 & 0x1FF), 0xA000 | 7);
    assertThat(nic.load(IOVA + 8)).as("the old page until the user says so").isEqualTo(66);
    assertThat(nested.invalidate(record(IOVA, 1, 1), 24)).isEqualTo(BatchResult.all(1));
    assertThat(nic.load(IOVA + 8)).isZero();
    assertThat(nested.invalidate(new Blob("vtd.s1-invalidate", ByteBuffer.allocate(0)), 24).done())
        .isZero();
    var refused = refusal(parent::destroy);
    assertThat(refused.reason()).isEqualTo(Reason.BUSY);
    assertThat(refused).hasMessageContaining("hwpt " + nested.handle().id());
    device.detach(NO_PASID);
    nested.destroy();
    parent.destroy();
  }

  @ParameterizedTest
  @EnumSource(SwapRequest.Order.class)
  void aUsersTablesFollowASwapOfTheSameVendor(SwapRequest.Order order) {
    Domain nested = nested(guest());
    device.attach(new AttachTarget.Table(nested.handle()), NO_PASID);
    nic.store(IOVA, 5);
    SwapReport report =
        rig.core
            .swapService()
            .swap(new SwapRequest("old", "twin", order, SwapRequest.Formats.REFUSE));
    assertThat(report.objections()).isEmpty();
    assertThat(report.formatsLost()).isEmpty();
    assertThat(nested.unitId()).isEqualTo("twin");
    assertThat(nic.load(IOVA)).isEqualTo(5);
  }

  @ParameterizedTest
  @EnumSource(SwapRequest.Order.class)
  void acrossVendorsTheyAreRefusedOrByPolicyQuarantined(SwapRequest.Order order) {
    Domain parent = guest();
    Domain nested = nested(parent);
    device.attach(new AttachTarget.Table(nested.handle()), NO_PASID);
    TestDevice plain = rig.device("plain", 0x21);
    AddressSpace second = rig.space("second");
    rig.map(second, rig.memory("m", 1), 0x5000);
    Rig.attach(rig.bind(plain), second);
    SwapReport refused =
        rig.core
            .swapService()
            .swap(new SwapRequest("old", "other", order, SwapRequest.Formats.REFUSE));
    assertThat(refused.performed()).isFalse();
    assertThat(refused.objections())
        .singleElement()
        .satisfies(o -> assertThat(o.reason()).isEqualTo(Reason.UNSUPPORTED));
    assertThat(nic.reads(IOVA)).isTrue();

    SwapReport report =
        rig.core
            .swapService()
            .swap(new SwapRequest("old", "other", order, SwapRequest.Formats.QUARANTINE));
    assertThat(report.performed()).isTrue();
    assertThat(report.formatsLost()).containsExactly("hwpt " + nested.handle().id());
    assertThat(report.devices())
        .anySatisfy(
            d -> {
              assertThat(d.device()).isEqualTo("nic");
              assertThat(d.quarantined()).isTrue();
            });
    assertThat(nic.refusal(IOVA)).isEqualTo(Translation.Refusal.BLOCKED);
    assertThat(plain.reads(0x5000)).isTrue();
    assertThat(rig.core.swapService().quarantined()).containsExactly("nic");
    assertThat(rig.events())
        .anyMatch(
            e -> e instanceof DomainEvent.FormatLost lost && lost.domain().equals(nested.handle()));
    assertThat(refusal(() -> nested.invalidate(record(IOVA, 1, 1), 24)).reason())
        .isEqualTo(Reason.GONE);
    // blocked until somebody attaches it anew
    device.detach(NO_PASID);
    nested.destroy();
    device.attach(new AttachTarget.Space(second.handle()), NO_PASID);
    assertThat(nic.reads(0x5000)).isTrue();
    assertThat(rig.core.swapService().quarantined()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(SwapRequest.Order.class)
  void writtenPagesAreToldAcrossASwap(SwapRequest.Order order) {
    AddressSpace small =
        rig.ioas().createSpace(new AddressSpaceSpec("small pages", 64, 0, Set.of(), false));
    rig.map(small, rig.memory("m", 16), 0x10000);
    Domain domain =
        service.create(
            DomainRequest.paging(device.handle(), small.handle())
                .with(Set.of(DomainFlag.DIRTY_TRACKING)));
    device.attach(new AttachTarget.Table(domain.handle()), NO_PASID);
    IovaRange range = IovaRange.of(0x10000, 16 * Rig.PAGE);
    assertThat(refusal(() -> domain.readDirty(range, 12, ByteBuffer.allocate(2), true)).reason())
        .as("marking is off")
        .isEqualTo(Reason.INVALID);
    nic.store(0x10000, 1);
    domain.trackDirty(true);
    nic.store(0x12000, 1);
    SwapReport report =
        rig.core
            .swapService()
            .swap(new SwapRequest("old", "other", order, SwapRequest.Formats.REFUSE));
    assertThat(report.objections()).isEmpty();
    nic.store(0x15000, 1);
    assertThat(bits(domain, range, false)).isEqualTo(1 << 2 | 1 << 5);
    assertThat(bits(domain, range, true)).isEqualTo(1 << 2 | 1 << 5);
    assertThat(bits(domain, range, true)).isZero();
    nic.store(0x16000, 1);
    assertThat(bits(domain, range, true)).isEqualTo(1 << 6);
    assertThat(refusal(() -> domain.readDirty(range, 12, ByteBuffer.allocate(1), true)).reason())
        .isEqualTo(Reason.TOO_LARGE);
  }

  private static int bits(Domain domain, IovaRange range, boolean clear) {
    ByteBuffer bitmap = ByteBuffer.allocate(3).order(ByteOrder.LITTLE_ENDIAN);
    bitmap.position(1);
    domain.readDirty(range, 12, bitmap, clear);
    assertThat(bitmap.position()).isEqualTo(1);
    return bitmap.getShort(1) & 0xFFFF;
  }

  @Test
  void theSameSpaceIsMirroredIntoUnitsOfTwoVendorsAtOnce() throws Exception {
    try (Rig two =
        new Rig(new DeviceSettings().route("0x0-0xff=v").route("0x100-0x1ff=a"))
            .unit("v", new VtdFactory(), "full")
            .unit("a", new AmdviFactory(), "full")
            .drivers(new VtdDriverFactory(), new AmdViDriverFactory())) {
      TestDevice left = two.device("left", 0x20);
      TestDevice right = two.device("right", 0x120);
      AddressSpace both = two.space("both");
      Rig.attach(two.bind(left), both);
      Rig.attach(two.bind(right), both);
      two.map(both, two.memory("m", 4), 0x10000);
      assertThat(both.domains()).hasSize(2);
      assertThat(left.store(0x10010, 9)).isTrue();
      assertThat(right.load(0x10010)).isEqualTo(9);
      both.protect(IovaRange.of(0x10000, 4 * Rig.PAGE), DmaRequest.READ);
      assertThat(left.store(0x10000, 1)).isFalse();
      assertThat(right.store(0x10000, 1)).isFalse();
      both.unmapAll();
      assertThat(left.reads(0x11000)).isFalse();
      assertThat(right.reads(0x11000)).isFalse();
    }
  }

  @Test
  @Requirement({8, 53})
  void whatIsRefusedAndWhy() {
    var paging = DomainRequest.paging(device.handle(), space.handle());
    Handle<FaultQueue> queue = new Handle<>(FaultQueue.class, 99, 0, 1);
    assertRefused(Reason.NOT_FOUND, paging.faultsTo(queue));
    rig.queues.add(queue);
    assertRefused(Reason.UNSUPPORTED, paging.faultsTo(queue).with(Set.of(DomainFlag.NEST_PARENT)));
    assertRefused(Reason.UNSUPPORTED, paging.with(Set.of(DomainFlag.USER_PASID_TABLE)));
    Handle<AddressSpace> gone = new Handle<>(AddressSpace.class, 77, 0, 1);
    assertRefused(Reason.INVALID, DomainRequest.paging(device.handle(), gone));
    Handle<Device> nobody = new Handle<>(Device.class, 78, 0, 1);
    assertRefused(Reason.NOT_FOUND, DomainRequest.paging(nobody, space.handle()));
    Domain plain = service.create(paging);
    assertRefused(
        Reason.INVALID, DomainRequest.nested(device.handle(), plain.handle(), stage(0x1000)));
    Domain parent = service.create(paging.with(Set.of(DomainFlag.NEST_PARENT)));
    assertRefused(Reason.INVALID, DomainRequest.nested(device.handle(), parent.handle(), null));
    assertRefused(
        Reason.UNSUPPORTED,
        DomainRequest.nested(device.handle(), parent.handle(), stage(0x1000))
            .with(Set.of(DomainFlag.DIRTY_TRACKING)));
    assertThat(refusal(() -> plain.trackDirty(true)).reason()).isEqualTo(Reason.UNSUPPORTED);
    assertThat(refusal(() -> plain.invalidate(record(0, 1, 0), 24)).reason())
        .isEqualTo(Reason.INVALID);
    Domain queued = service.create(paging.faultsTo(queue));
    assertThat(queued.faultQueue()).contains(queue);
    assertThat(queued.flags()).contains(DomainFlag.FAULT_CAPABLE);
    assertThat(rig.core.parts().origin().uses(queue)).isTrue();
    queued.destroy();
    assertThat(rig.core.parts().origin().uses(queue)).isFalse();
    assertThat(refusal(() -> service.domain(queued.handle())).reason()).isEqualTo(Reason.NOT_FOUND);
    assertThat(
            refusal(
                    () ->
                        service.createVirtualIommu(
                            device.handle(),
                            parent.handle(),
                            new Blob("unknown.viommu", ByteBuffer.allocate(0))))
                .reason())
        .isEqualTo(Reason.UNSUPPORTED);
  }

  private void assertRefused(Reason reason, DomainRequest request) {
    int before = rig.objects.size();
    assertThat(refusal(() -> service.create(request)).reason()).isEqualTo(reason);
    assertThat(rig.objects.size()).as("nothing is left of it").isEqualTo(before);
  }

  @Test
  @Requirement({8, 53})
  void whatTheHardwareLacksIsNamedByItsBit() throws Exception {
    try (Rig old = new Rig().vtd("dmar0", Rig.LEGACY).vtdDrivers()) {
      Device plain = old.bind(old.device("nic", 0x20));
      AddressSpace s = old.space("s");
      DomainService domains = old.core.domainService(old.client);
      for (DomainFlag flag :
          List.of(DomainFlag.NEST_PARENT, DomainFlag.DIRTY_TRACKING, DomainFlag.FAULT_CAPABLE)) {
        var refused =
            refusal(
                () ->
                    domains.create(
                        DomainRequest.paging(plain.handle(), s.handle()).with(Set.of(flag))));
        assertThat(refused.reason()).as(flag.name()).isEqualTo(Reason.UNSUPPORTED);
        assertThat(refused).hasMessageContaining("ECAP.");
      }
    }
  }

  @Test
  void hardwareInfoIsTheUnitsAndLookupIsForTheTrusted() {
    HardwareInfo info = device.hardwareInfo();
    assertThat(info.data().type()).startsWith("vtd.");
    assertThat(info.capabilities())
        .contains(
            HardwareInfo.Capability.DIRTY_TRACKING, HardwareInfo.Capability.ATS_NOT_SUPPORTED);
    assertThat(device.hardwareInfo(info.data().type())).isEqualTo(info);
    assertThat(refusal(() -> device.hardwareInfo("smmuv3.info")).reason())
        .isEqualTo(Reason.UNSUPPORTED);
    Client stranger = new Client(9, "stranger", () -> false);
    Domain theirs =
        rig.core
            .domainService(stranger)
            .create(DomainRequest.paging(device.handle(), space.handle()));
    assertThat(refusal(() -> theirs.lookup(0)).reason()).isEqualTo(Reason.DENIED);
    assertThat(
            refusal(
                    () ->
                        rig.core
                            .deviceService(stranger)
                            .device(device.handle())
                            .replace(
                                new AttachTarget.Space(space.handle()),
                                NO_PASID,
                                ChangeMode.HITLESS))
                .reason())
        .isEqualTo(Reason.INVALID);
  }
}
