package org.ioasis.domain.hwpt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ioasis.domain.Rig.NO_PASID;
import static org.ioasis.domain.Rig.refusal;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Set;
import org.ioasis.api.Blob;
import org.ioasis.api.Handle;
import org.ioasis.api.IovaRange;
import org.ioasis.api.Reason;
import org.ioasis.api.device.AttachTarget;
import org.ioasis.api.device.Device;
import org.ioasis.api.domain.AddressSpace;
import org.ioasis.api.domain.Domain;
import org.ioasis.api.domain.DomainRequest;
import org.ioasis.api.domain.DomainService;
import org.ioasis.api.domain.EventQueue;
import org.ioasis.api.domain.SwapReport;
import org.ioasis.api.domain.SwapRequest;
import org.ioasis.api.domain.VirtualDevice;
import org.ioasis.api.domain.VirtualIommu;
import org.ioasis.api.driver.BatchResult;
import org.ioasis.api.driver.DomainFlag;
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

/**
 * Virtual IOMMUs over a driver that offers them: what the kernel says of VIOMMU_ALLOC,
 * VDEVICE_ALLOC, VEVENTQ_ALLOC, HW_QUEUE_ALLOC, HWPT_INVALIDATE and DESTROY, and their end.
 */
class ViommuTest {
  private static final long GUEST_ID = 0x1234_5678_9ABCL;

  private final GuestUnits driver = new GuestUnits(new VtdDriverFactory());
  private Rig rig;
  private TestDevice nic;
  private Device device;
  private DomainService service;
  private Domain parent;
  private VirtualIommu viommu;

  @BeforeEach
  void start() {
    rig =
        new Rig(new DeviceSettings().route("0x0-0xff=old"))
            .unit("old", new VtdFactory(), "full")
            .unit("twin", new VtdFactory(), "full")
            .drivers(driver);
    nic = rig.device("nic", 0x20);
    device = rig.bind(nic);
    service = rig.core.domainService(rig.client);
    AddressSpace space = rig.space("guest memory");
    rig.map(space, rig.memory("guest", 32), 0);
    parent =
        service.create(
            DomainRequest.paging(device.handle(), space.handle())
                .with(Set.of(DomainFlag.NEST_PARENT)));
    viommu = make(parent.handle(), GuestUnits.TYPE);
  }

  @AfterEach
  void stop() {
    rig.close();
  }

  private VirtualIommu make(Handle<Domain> over, String type) {
    return service.createVirtualIommu(
        device.handle(), over, new Blob(type, ByteBuffer.allocate(0)));
  }

  /** Tables of a guest that map nothing. */
  private static Blob stage() {
    return Rig.blob("vtd.hwpt-s1", 0, 0x1000, 48);
  }

  private Domain nested() {
    return service.create(DomainRequest.virtual(device.handle(), viommu.handle(), stage()));
  }

  private void assertRefused(Reason reason, Runnable call) {
    int before = rig.objects.size();
    assertThat(refusal(call).reason()).isEqualTo(reason);
    assertThat(rig.objects.size()).as("nothing is left of it").isEqualTo(before);
  }

  @Test
  @Requirement({8, 9})
  void anIommuStandsOverANestParent() {
    assertThat(viommu.parent()).isEqualTo(parent.handle());
    assertThat(viommu.data().length()).isEqualTo(4);
    assertRefused(Reason.UNSUPPORTED, () -> make(parent.handle(), "test.other"));
    assertRefused(
        Reason.NOT_FOUND, () -> make(new Handle<>(Domain.class, 99, 0, 1), GuestUnits.TYPE));
    AddressSpace other = rig.space("other");
    Domain plain = service.create(DomainRequest.paging(device.handle(), other.handle()));
    assertRefused(Reason.INVALID, () -> make(plain.handle(), GuestUnits.TYPE));
    Rig.attach(device, other);
    Handle<Domain> automatic = device.attachments().get(0).domain();
    assertRefused(Reason.INVALID, () -> make(automatic, GuestUnits.TYPE));
    assertRefused(
        Reason.INVALID,
        () -> service.create(DomainRequest.nested(device.handle(), automatic, stage())));
    assertThat(service.virtualIommu(viommu.handle()).handle()).isEqualTo(viommu.handle());
  }

  @Test
  @Requirement({8, 9})
  void aDeviceHasOnePlaceAndAnIdOneDevice() {
    VirtualDevice virtual = viommu.addDevice(device.handle(), GUEST_ID);
    assertThat(virtual.virtualId()).isEqualTo(GUEST_ID);
    assertRefused(Reason.EXISTS, () -> viommu.addDevice(device.handle(), 2));
    Device second = rig.bind(rig.device("disk", 0x30));
    assertRefused(Reason.EXISTS, () -> viommu.addDevice(second.handle(), GUEST_ID));
    assertRefused(
        Reason.NOT_FOUND, () -> viommu.addDevice(new Handle<>(Device.class, 99, 0, 1), 3));
    assertRefused(Reason.BUSY, viommu::destroy);
    virtual.destroy();
    viommu.addDevice(second.handle(), GUEST_ID);
    second.destroy();
    viommu.destroy();
    assertThat(driver.living).as("its device's end has ended its place").isZero();
    parent.destroy();
  }

  @Test
  @Requirement({8, 10})
  void itsNestedDomainsAttachDevicesThatItKnows() {
    Domain nested = nested();
    assertThat(
            refusal(() -> device.attach(new AttachTarget.Table(nested.handle()), NO_PASID))
                .reason())
        .isEqualTo(Reason.NOT_FOUND);
    VirtualDevice virtual = viommu.addDevice(device.handle(), GUEST_ID);
    device.attach(new AttachTarget.Table(nested.handle()), NO_PASID);
    assertThat(nic.refusal(0x5000)).isEqualTo(Translation.Refusal.FAULT);
    assertRefused(Reason.BUSY, viommu::destroy);
    assertRefused(Reason.BUSY, parent::destroy);
    assertThat(refusal(() -> nested.trackDirty(true)).reason()).isEqualTo(Reason.NOT_FOUND);
    device.detach(NO_PASID);
    nested.destroy();
    virtual.destroy();
    viommu.destroy();
    parent.destroy();
  }

  @Test
  @Requirement(48)
  void invalidationsCarryTheGuestsIdsInAndOut() {
    viommu.addDevice(device.handle(), GUEST_ID);
    assertThat(viommu.invalidate(Rig.blob(GuestUnits.RECORDS), 8).done()).isZero();
    assertThat(refusal(() -> viommu.invalidate(Rig.blob("other"), 8)).reason())
        .isEqualTo(Reason.UNSUPPORTED);
    BatchResult some =
        viommu.invalidate(Rig.blob(GuestUnits.RECORDS, GUEST_ID, GUEST_ID, 77, GUEST_ID), 8);
    assertThat(some.done()).isEqualTo(2);
    assertThat(some.reason()).isEqualTo(Reason.NOT_FOUND);
    assertThat(some.label()).isEqualTo(77);
    assertThat(driver.invalidated).containsExactly(GUEST_ID, GUEST_ID);
    Blob two = Rig.blob(GuestUnits.RECORDS, 1, 2);
    assertThat(refusal(() -> viommu.invalidate(two, 0)).reason()).isEqualTo(Reason.INVALID);
    assertThat(refusal(() -> viommu.invalidate(two, 5)).reason()).isEqualTo(Reason.INVALID);
    assertThat(refusal(() -> viommu.invalidate(two, 4097)).reason()).isEqualTo(Reason.INVALID);
  }

  private void event(int value) {
    ByteBuffer bytes = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value);
    driver.sinks.get(GuestUnits.EVENTS).event(new Blob(GuestUnits.EVENTS, bytes.flip()));
  }

  private static int[] read(EventQueue queue, int bytes) {
    ByteBuffer into = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int[] words = new int[queue.read(into) / 4];
    for (int i = 0; i < words.length; i++) {
      words[i] = into.getInt(4 * i);
    }
    return words;
  }

  @Test
  @Requirement(9)
  void anEventQueueKeepsItsDepthAndSaysThatSomeWereLost() {
    assertRefused(Reason.INVALID, () -> viommu.createEventQueue(GuestUnits.EVENTS, 0));
    assertRefused(Reason.INVALID, () -> viommu.createEventQueue(GuestUnits.EVENTS, (1 << 19) + 1));
    assertRefused(Reason.UNSUPPORTED, () -> viommu.createEventQueue("test.other", 2));
    EventQueue queue = viommu.createEventQueue(GuestUnits.EVENTS, 2);
    assertRefused(Reason.EXISTS, () -> viommu.createEventQueue(GuestUnits.EVENTS, 2));
    int[] rung = {0};
    queue.onReadable(() -> rung[0]++);
    assertThat(read(queue, 100)).isEmpty();
    assertThat(refusal(() -> read(queue, 7)).reason()).isEqualTo(Reason.INVALID);
    for (int value = 100; value < 104; value++) {
      event(value);
    }
    assertThat(rung[0]).isEqualTo(4);
    assertThat(refusal(() -> read(queue, 11)).reason()).isEqualTo(Reason.INVALID);
    assertThat(read(queue, 12)).containsExactly(0, 0, 100);
    assertThat(read(queue, 100))
        .as("the second event, then the header of what was lost with the newest sequence")
        .containsExactly(0, 1, 101, EventQueue.LOST_EVENTS, 3);
    event(104);
    assertThat(read(queue, 100)).containsExactly(0, 4, 104);
    assertRefused(Reason.BUSY, viommu::destroy);
    queue.destroy();
    assertThat(driver.sinks).isEmpty();
    viommu.createEventQueue(GuestUnits.EVENTS, 1).destroy();
  }

  @Test
  @Requirement(9)
  void aLostHeaderGoesWhenALaterEventIsQueued() {
    EventQueue queue = viommu.createEventQueue(GuestUnits.EVENTS, 1);
    event(1);
    event(2);
    assertThat(read(queue, 12)).containsExactly(0, 0, 1);
    event(3);
    assertThat(read(queue, 100)).containsExactly(0, 2, 3);
  }

  @Test
  void windowsAreForTheTrustedAndHardwareQueuesForTypesThatHaveThem() {
    assertThat(refusal(viommu::window).reason()).isEqualTo(Reason.UNSUPPORTED);
    assertRefused(
        Reason.UNSUPPORTED,
        () -> viommu.createHardwareQueue("test.queue", 0, IovaRange.of(0, Rig.PAGE)));
    Client stranger = new Client(9, "stranger", () -> false);
    VirtualIommu theirs =
        rig.core
            .domainService(stranger)
            .createVirtualIommu(
                device.handle(),
                parent.handle(),
                new Blob(GuestUnits.TYPE, ByteBuffer.allocate(0)));
    assertThat(refusal(theirs::window).reason()).isEqualTo(Reason.DENIED);
  }

  /** A slice of a unit goes with it, even where the next one is of the same vendor. */
  @ParameterizedTest
  @EnumSource(SwapRequest.Order.class)
  void aSwapIsRefusedOrByPolicyTheDeviceIsQuarantined(SwapRequest.Order order) {
    viommu.addDevice(device.handle(), GUEST_ID);
    Domain nested = nested();
    device.attach(new AttachTarget.Table(nested.handle()), NO_PASID);
    SwapReport refused =
        rig.core
            .swapService()
            .swap(new SwapRequest("old", "twin", order, SwapRequest.Formats.REFUSE));
    assertThat(refused.performed()).isFalse();
    assertThat(refused.objections())
        .singleElement()
        .satisfies(o -> assertThat(o.reason()).isEqualTo(Reason.UNSUPPORTED));
    SwapReport report =
        rig.core
            .swapService()
            .swap(new SwapRequest("old", "twin", order, SwapRequest.Formats.QUARANTINE));
    assertThat(report.performed()).isTrue();
    assertThat(report.formatsLost()).containsExactly("hwpt " + nested.handle().id());
    assertThat(rig.core.swapService().quarantined()).containsExactly("nic");
    assertThat(nic.refusal(0x5000)).isEqualTo(Translation.Refusal.BLOCKED);
    assertThat(refusal(() -> viommu.invalidate(Rig.blob(GuestUnits.RECORDS, 1), 8)).reason())
        .isEqualTo(Reason.GONE);
    device.destroy();
    nested.destroy();
    viommu.destroy();
    parent.destroy();
  }
}
