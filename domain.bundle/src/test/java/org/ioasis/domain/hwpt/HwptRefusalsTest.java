package org.ioasis.domain.hwpt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ioasis.domain.Rig.NO_PASID;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
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
import org.ioasis.api.domain.VirtualIommu;
import org.ioasis.api.driver.ChangeMode;
import org.ioasis.api.driver.DomainFlag;
import org.ioasis.api.fault.FaultQueue;
import org.ioasis.api.machine.EndpointSpec;
import org.ioasis.domain.RefusalRows;
import org.ioasis.domain.Rig;
import org.ioasis.domain.device.DeviceSettings;
import org.ioasis.testing.Requirement;
import org.ioasis.vtd.driver.VtdDriverFactory;
import org.ioasis.vtd.hardware.VtdFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The refusals of the kernel&#39;s user API, a row each: what it says of HWPT_ALLOC,
 * SET_DIRTY_TRACKING, GET_DIRTY_BITMAP, HWPT_INVALIDATE, VIOMMU_ALLOC, VDEVICE_ALLOC,
 * VEVENTQ_ALLOC, of DESTROY for these objects, and of attach, replace and detach with a PASID.
 */
class HwptRefusalsTest {
  private static final int PASID = 5;
  private static final long PAGE = Rig.PAGE;

  private final List<Rig> rigs = new ArrayList<>();
  private final RefusalRows<Bench> rows = new RefusalRows<>(Bench::new);

  /** One fixture: a unit that can do everything, a device with PASIDs, a space with memory. */
  private final class Bench {
    final GuestUnits driver = new GuestUnits(new VtdDriverFactory());
    final Rig rig =
        new Rig(new DeviceSettings().route("0x0-0xff=unit"))
            .unit("unit", new VtdFactory(), "full")
            .drivers(driver);
    final Device device =
        rig.bind(rig.device(new EndpointSpec("gpu", 0x30, false, false, false, false, 16)));
    final DomainService service = rig.core.domainService(rig.client);
    final AddressSpace space = rig.space("s");

    Bench() {
      rigs.add(rig);
      rig.map(space, rig.memory("m", 16), 0);
    }

    DomainRequest paging(DomainFlag... flags) {
      return DomainRequest.paging(device.handle(), space.handle()).with(Set.of(flags));
    }

    Domain make(DomainFlag... flags) {
      return service.create(paging(flags));
    }

    DomainRequest over(Handle<Domain> parent) {
      return DomainRequest.nested(device.handle(), parent, stage("vtd.hwpt-s1"));
    }

    Domain nested() {
      return service.create(over(make(DomainFlag.NEST_PARENT).handle()));
    }

    Domain dirty(boolean marks) {
      Domain made = make(DomainFlag.DIRTY_TRACKING);
      made.trackDirty(marks);
      return made;
    }

    /** The domain that an attach to the space has made. */
    Handle<Domain> automatic() {
      device.attach(new AttachTarget.Space(space.handle()), NO_PASID);
      return space.domains().get(0);
    }

    VirtualIommu viommu(Handle<Domain> over, String type) {
      return service.createVirtualIommu(
          device.handle(), over, new Blob(type, ByteBuffer.allocate(0)));
    }

    VirtualIommu viommu() {
      return viommu(make(DomainFlag.NEST_PARENT).handle(), GuestUnits.TYPE);
    }

    void attach(Domain to, int pasid) {
      device.attach(new AttachTarget.Table(to.handle()), pasid);
    }

    void replace(Domain to, int pasid) {
      device.replace(new AttachTarget.Table(to.handle()), pasid, ChangeMode.HITLESS);
    }

    void bitmap(Domain of, IovaRange range, int pageLg2, int bytes) {
      of.readDirty(range, pageLg2, ByteBuffer.allocate(bytes), false);
    }
  }

  private static Blob stage(String type) {
    return Rig.blob(type, 0, 0x1000, 48);
  }

  private static Blob records(String type, int bytes) {
    return new Blob(type, ByteBuffer.allocate(bytes));
  }

  private static <T> Handle<T> nobody(Class<T> type) {
    return new Handle<>(type, 999, 0, 1);
  }

  @AfterEach
  void close() {
    rigs.forEach(Rig::close);
  }

  private void row(String name, Reason reason, RefusalRows.Call<Bench> call) {
    rows.add(name, reason, call);
  }

  /** What stands beside a refusal and must pass. */
  private void passes(String name, RefusalRows.Call<Bench> call) {
    row(name, null, call);
  }

  @TestFactory
  @Requirement({8, 9, 10, 53})
  Stream<DynamicTest> table() {
    allocations();
    nestedAllocations();
    dirtyTracking();
    dirtyBitmaps();
    invalidations();
    virtualIommus();
    pasids();
    destroys();
    return rows.tests();
  }

  private void allocations() {
    row(
        "alloc: device unknown",
        Reason.NOT_FOUND,
        b -> b.service.create(DomainRequest.paging(nobody(Device.class), b.space.handle())));
    row(
        "alloc: space unknown",
        Reason.INVALID,
        b -> b.service.create(DomainRequest.paging(b.device.handle(), nobody(AddressSpace.class))));
    row(
        "alloc: fault queue unknown",
        Reason.NOT_FOUND,
        b -> b.service.create(b.paging().faultsTo(nobody(FaultQueue.class))));
    row(
        "alloc: fault queue with nest parent",
        Reason.UNSUPPORTED,
        b -> {
          Handle<FaultQueue> queue = nobody(FaultQueue.class);
          b.rig.queues.add(queue);
          b.service.create(b.paging(DomainFlag.NEST_PARENT).faultsTo(queue));
        });
    row(
        "alloc: data where none is taken",
        Reason.INVALID,
        b ->
            b.service.create(
                new DomainRequest(
                    b.device.handle(),
                    b.space.handle(),
                    null,
                    null,
                    Set.of(),
                    null,
                    stage("vtd.hwpt-s1"))));
    passes("alloc: every flag the unit has", b -> b.make(DomainFlag.PASID, DomainFlag.NEST_PARENT));
  }

  private void nestedAllocations() {
    row(
        "nested: no data",
        Reason.INVALID,
        b -> {
          Handle<Domain> parent = b.make(DomainFlag.NEST_PARENT).handle();
          b.service.create(DomainRequest.nested(b.device.handle(), parent, null));
        });
    row(
        "nested: data without bytes",
        Reason.INVALID,
        b -> {
          Handle<Domain> parent = b.make(DomainFlag.NEST_PARENT).handle();
          b.service.create(
              DomainRequest.nested(b.device.handle(), parent, records("vtd.hwpt-s1", 0)));
        });
    row(
        "nested: parent unknown",
        Reason.INVALID,
        b -> b.service.create(b.over(nobody(Domain.class))));
    row(
        "nested: virtual IOMMU unknown",
        Reason.INVALID,
        b ->
            b.service.create(
                DomainRequest.virtual(
                    b.device.handle(), nobody(VirtualIommu.class), stage("vtd.hwpt-s1"))));
    row(
        "nested: parent no nest parent",
        Reason.INVALID,
        b -> b.service.create(b.over(b.make().handle())));
    row(
        "nested: parent made by an attach",
        Reason.INVALID,
        b -> b.service.create(b.over(b.automatic())));
    row(
        "nested: parent nested itself",
        Reason.INVALID,
        b -> b.service.create(b.over(b.nested().handle())));
    row(
        "nested: with nest parent",
        Reason.UNSUPPORTED,
        b -> {
          Handle<Domain> parent = b.make(DomainFlag.NEST_PARENT).handle();
          b.service.create(b.over(parent).with(Set.of(DomainFlag.NEST_PARENT)));
        });
    row(
        "nested: with dirty tracking",
        Reason.UNSUPPORTED,
        b -> {
          Handle<Domain> parent = b.make(DomainFlag.NEST_PARENT).handle();
          b.service.create(b.over(parent).with(Set.of(DomainFlag.DIRTY_TRACKING)));
        });
    passes("nested: as it should be", Bench::nested);
  }

  private void dirtyTracking() {
    row("dirty: made without", Reason.UNSUPPORTED, b -> b.make().trackDirty(true));
    row("dirty: switched off, made without", Reason.UNSUPPORTED, b -> b.make().trackDirty(false));
    row("dirty: nested", Reason.NOT_FOUND, b -> b.nested().trackDirty(true));
    passes(
        "dirty: twice the same",
        b -> {
          Domain domain = b.dirty(true);
          domain.trackDirty(true);
          domain.trackDirty(false);
          domain.trackDirty(false);
        });
  }

  private void dirtyBitmaps() {
    IovaRange eight = IovaRange.of(0, 8 * PAGE);
    row("bitmap: nested", Reason.NOT_FOUND, b -> b.bitmap(b.nested(), eight, 12, 1));
    row("bitmap: made without", Reason.UNSUPPORTED, b -> b.bitmap(b.make(), eight, 12, 1));
    row("bitmap: not marking now", Reason.INVALID, b -> b.bitmap(b.dirty(false), eight, 12, 1));
    row(
        "bitmap: first within a page",
        Reason.INVALID,
        b -> b.bitmap(b.dirty(true), IovaRange.of(0x800, 8 * PAGE), 12, 2));
    row(
        "bitmap: end within a page",
        Reason.INVALID,
        b -> b.bitmap(b.dirty(true), IovaRange.of(0, 8 * PAGE - 1), 12, 2));
    row("bitmap: page of no size", Reason.INVALID, b -> b.bitmap(b.dirty(true), eight, -1, 1));
    row("bitmap: page of 2^63", Reason.INVALID, b -> b.bitmap(b.dirty(true), eight, 63, 1));
    row("bitmap: no room", Reason.TOO_LARGE, b -> b.bitmap(b.dirty(true), eight, 12, 0));
    passes("bitmap: just room", b -> b.bitmap(b.dirty(true), eight, 12, 1));
  }

  private void invalidations() {
    String type = "vtd.s1-invalidate";
    row("invalidate: paging", Reason.INVALID, b -> b.make().invalidate(records(type, 24), 24));
    row("invalidate: paging, probe", Reason.INVALID, b -> b.make().invalidate(records(type, 0), 0));
    row(
        "invalidate: nest parent",
        Reason.INVALID,
        b -> b.make(DomainFlag.NEST_PARENT).invalidate(records(type, 24), 24));
    row(
        "invalidate: probe of an unknown type",
        Reason.UNSUPPORTED,
        b -> b.nested().invalidate(records("other", 0), 24));
    row("invalidate: size 0", Reason.INVALID, b -> b.nested().invalidate(records(type, 24), 0));
    row(
        "invalidate: size below 0",
        Reason.INVALID,
        b -> b.nested().invalidate(records(type, 8), -8));
    row(
        "invalidate: no multiple",
        Reason.INVALID,
        b -> b.nested().invalidate(records(type, 30), 24));
    row(
        "invalidate: size above a page",
        Reason.INVALID,
        b -> b.nested().invalidate(records(type, 4104), 4104));
    row(
        "invalidate: more than 2^19",
        Reason.INVALID,
        b -> b.nested().invalidate(records(type, (1 << 19) + 1), 1));
    passes(
        "invalidate: probe of a known type",
        b -> assertThat(b.nested().invalidate(records(type, 0), 24).done()).isZero());
  }

  private void virtualIommus() {
    row(
        "viommu: type unknown",
        Reason.UNSUPPORTED,
        b -> b.viommu(b.make(DomainFlag.NEST_PARENT).handle(), "other"));
    row(
        "viommu: domain unknown",
        Reason.NOT_FOUND,
        b -> b.viommu(nobody(Domain.class), GuestUnits.TYPE));
    row(
        "viommu: device unknown",
        Reason.NOT_FOUND,
        b ->
            b.service.createVirtualIommu(
                nobody(Device.class),
                b.make(DomainFlag.NEST_PARENT).handle(),
                records(GuestUnits.TYPE, 0)));
    row(
        "viommu: no nest parent",
        Reason.INVALID,
        b -> b.viommu(b.make().handle(), GuestUnits.TYPE));
    row(
        "viommu: over a nested domain",
        Reason.INVALID,
        b -> b.viommu(b.nested().handle(), GuestUnits.TYPE));
    row(
        "viommu: over one made by an attach",
        Reason.INVALID,
        b -> b.viommu(b.automatic(), GuestUnits.TYPE));
    row(
        "vdevice: device unknown",
        Reason.NOT_FOUND,
        b -> b.viommu().addDevice(nobody(Device.class), 1));
    row(
        "vdevice: device has one",
        Reason.EXISTS,
        b -> {
          b.viommu().addDevice(b.device.handle(), 1);
          b.viommu().addDevice(b.device.handle(), 2);
        });
    row("veventq: depth 0", Reason.INVALID, b -> b.viommu().createEventQueue(GuestUnits.EVENTS, 0));
    row(
        "veventq: depth above 2^19",
        Reason.INVALID,
        b -> b.viommu().createEventQueue(GuestUnits.EVENTS, (1 << 19) + 1));
    row("veventq: type none", Reason.UNSUPPORTED, b -> b.viommu().createEventQueue("", 1));
    row(
        "veventq: second of a type",
        Reason.EXISTS,
        b -> {
          VirtualIommu viommu = b.viommu();
          viommu.createEventQueue(GuestUnits.EVENTS, 1 << 19);
          viommu.createEventQueue(GuestUnits.EVENTS, 1);
        });
  }

  private void pasids() {
    row("pasid: domain without", Reason.INVALID, b -> b.attach(b.make(), PASID));
    row(
        "pasid: beside a domain without",
        Reason.INVALID,
        b -> {
          b.attach(b.make(), NO_PASID);
          b.attach(b.make(DomainFlag.PASID), PASID);
        });
    row(
        "pasid: domain without beside it",
        Reason.INVALID,
        b -> {
          b.attach(b.make(DomainFlag.PASID), PASID);
          b.attach(b.make(), NO_PASID);
        });
    row(
        "pasid: device without",
        Reason.INVALID,
        b -> {
          Device plain = b.rig.bind(b.rig.device("nic", 0x20));
          plain.attach(new AttachTarget.Table(b.make(DomainFlag.PASID).handle()), PASID);
        });
    row(
        "pasid: attached already",
        Reason.BUSY,
        b -> {
          b.attach(b.make(DomainFlag.PASID), PASID);
          b.attach(b.make(DomainFlag.PASID), PASID);
        });
    row(
        "pasid: replaced, not attached",
        Reason.INVALID,
        b -> b.replace(b.make(DomainFlag.PASID), PASID));
    row(
        "pasid: replaced by a domain without",
        Reason.INVALID,
        b -> {
          b.attach(b.make(DomainFlag.PASID), PASID);
          b.replace(b.make(), PASID);
        });
    row(
        "pasid: attached to nothing that lives",
        Reason.NOT_FOUND,
        b -> b.device.attach(new AttachTarget.Table(nobody(Domain.class)), PASID));
    passes("pasid: detached, not attached", b -> b.device.detach(PASID));
  }

  private void destroys() {
    row("destroy: unknown", Reason.NOT_FOUND, b -> b.service.destroy(nobody(Domain.class)));
    row(
        "destroy: twice",
        Reason.NOT_FOUND,
        b -> {
          Domain domain = b.make();
          domain.destroy();
          domain.destroy();
        });
    row(
        "destroy: attached",
        Reason.BUSY,
        b -> {
          Domain domain = b.make();
          b.attach(domain, NO_PASID);
          domain.destroy();
        });
    row(
        "destroy: attached with a PASID",
        Reason.BUSY,
        b -> {
          Domain domain = b.make(DomainFlag.PASID);
          b.attach(domain, PASID);
          domain.destroy();
        });
    row(
        "destroy: parent of a nested domain",
        Reason.BUSY,
        b -> {
          Domain parent = b.make(DomainFlag.NEST_PARENT);
          b.service.create(b.over(parent.handle()));
          parent.destroy();
        });
    row(
        "destroy: parent of a virtual IOMMU",
        Reason.BUSY,
        b -> {
          Domain parent = b.make(DomainFlag.NEST_PARENT);
          b.viommu(parent.handle(), GuestUnits.TYPE);
          parent.destroy();
        });
    row(
        "destroy: space of a domain",
        Reason.BUSY,
        b -> {
          b.make();
          b.space.destroy();
        });
    row(
        "destroy: virtual IOMMU with a device",
        Reason.BUSY,
        b -> {
          VirtualIommu viommu = b.viommu();
          viommu.addDevice(b.device.handle(), 1);
          viommu.destroy();
        });
    row(
        "destroy: virtual IOMMU with an event queue",
        Reason.BUSY,
        b -> {
          VirtualIommu viommu = b.viommu();
          viommu.createEventQueue(GuestUnits.EVENTS, 1);
          viommu.destroy();
        });
  }
}
