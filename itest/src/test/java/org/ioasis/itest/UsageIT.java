package org.ioasis.itest;

import static org.ioasis.itest.PlatformServices.soon;
import static org.junit.Assert.assertEquals;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import javax.inject.Inject;
import org.ioasis.api.Blob;
import org.ioasis.api.device.AttachTarget;
import org.ioasis.api.device.Binding;
import org.ioasis.api.device.Device;
import org.ioasis.api.device.DeviceService;
import org.ioasis.api.domain.Access;
import org.ioasis.api.domain.AddressSpace;
import org.ioasis.api.domain.AddressSpaceSpec;
import org.ioasis.api.domain.Domain;
import org.ioasis.api.domain.DomainRequest;
import org.ioasis.api.domain.DomainService;
import org.ioasis.api.domain.IoasService;
import org.ioasis.api.domain.MapRequest;
import org.ioasis.api.domain.MemorySource;
import org.ioasis.api.domain.MemorySpec;
import org.ioasis.api.driver.DomainFlag;
import org.ioasis.api.engine.DmaEngine;
import org.ioasis.api.engine.TransferStatus;
import org.ioasis.api.fault.DrainScope;
import org.ioasis.api.fault.FaultRouter;
import org.ioasis.api.fault.FaultService;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.testing.Requirement;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.junit.PaxExam;
import org.ops4j.pax.exam.spi.reactors.ExamReactorStrategy;
import org.ops4j.pax.exam.spi.reactors.PerClass;
import org.osgi.framework.BundleContext;

/**
 * How the services are used, as documentation that runs: each test is one of the usual sequences,
 * on the distribution that ships, by a client that is trusted with nothing.
 */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public class UsageIT {
  private static final String UNIT = "dmar0", NIC = "nic0", GPU = "gpu0";
  private static final int NONE = DmaRequest.NO_PASID;
  private static final int RW = DmaRequest.READ | DmaRequest.WRITE;
  private static final long PAGE = 0x1000;

  @Inject private BundleContext context;
  private PlatformServices platform;
  private IoasService ioas;
  private DeviceService devices;
  private final List<Device> bound = new ArrayList<>();
  private ErrorLog log;

  /** The shipped bundles, VT-d the only vendor. */
  @Configuration
  public Option[] configuration() {
    return new Option[] {
      Distribution.framework(),
      Distribution.bundles(jar -> !jar.contains("ioasis.smmuv3") && !jar.contains("ioasis.amdvi"))
    };
  }

  /** One unit that can all, a plain device, and one with PASIDs that asks for pages. */
  @Before
  public void configure() throws Exception {
    log = new ErrorLog(context);
    PlatformConfiguration configuration = new PlatformConfiguration(context);
    configuration.unit(UNIT, "vtd", "full");
    configuration.device(NIC, 0x20, Map.of());
    configuration.device(
        GPU, 0x28, Map.of("trusted", true, "ats", true, "pri", true, "pasid.bits", 16));
    platform = new PlatformServices(context);
    platform.serves(List.of(NIC, GPU), UNIT);
    ioas = platform.find(IoasService.class);
    devices = platform.find(DeviceService.class);
  }

  /** A client lets go of its devices; nothing was said to be an error. */
  @After
  public void leave() {
    bound.forEach(Device::destroy);
    log.close();
    assertEquals(List.of(), log.errors());
  }

  private Device bind(String name, long label) {
    Device device = soon(() -> devices.bind(name, Binding.of("usage", label)));
    bound.add(device);
    return device;
  }

  private AddressSpace space(String name, MemorySource memory, long iova) {
    AddressSpace space = ioas.createSpace(AddressSpaceSpec.named(name));
    space.map(MapRequest.of(memory.handle(), 0, memory.length(), RW).at(iova));
    return space;
  }

  private MemorySource memory(String name, int pages, boolean onDemand) {
    return ioas.createSource(name, new MemorySpec.Anonymous(pages * PAGE, onDemand));
  }

  private static TransferStatus store(DmaEngine engine, int pasid, long iova, long value) {
    ByteBuffer bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value);
    return engine.channel().write(pasid, iova, bytes.flip());
  }

  private static long load(DmaEngine engine, int pasid, long iova) {
    ByteBuffer bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    assertEquals(TransferStatus.OK, engine.channel().read(pasid, iova, bytes));
    return bytes.flip().getLong();
  }

  /**
   * Simple passthrough: a device is bound, a space made and filled, the device attached to it. What
   * is unmapped is gone for the device when the call returns.
   */
  @Test
  @Requirement(3)
  public void simplePassthrough() {
    Device nic = bind(NIC, 1);
    AddressSpace space = space("guest", memory("ram", 16, false), 0x10_0000);
    nic.attach(new AttachTarget.Space(space.handle()), NONE);
    DmaEngine engine = platform.engine(NIC);
    assertEquals(TransferStatus.OK, store(engine, NONE, 0x10_0008, 7));
    assertEquals(7, load(engine, NONE, 0x10_0008));
    space.unmapAll();
    assertEquals(TransferStatus.FAULT, store(engine, NONE, 0x10_0008, 8));
    nic.detach(NONE);
    space.destroy();
  }

  /**
   * Nested: the host maps guest memory in a domain that may be a parent; the guest writes its own
   * first stage into that memory, here through an access; its root is handed over as the vendor's
   * structure.
   */
  @Test
  @Requirement({3, 10})
  public void nestedTranslation() {
    Device nic = bind(NIC, 2);
    AddressSpace guest = space("guest memory", memory("ram", 32, false), 0);
    DomainService domains = platform.find(DomainService.class);
    Domain parent =
        domains.create(
            DomainRequest.paging(nic.handle(), guest.handle())
                .with(Set.of(DomainFlag.NEST_PARENT)));
    long iova = 0x7F81_2345_6000L;
    try (Access vmm = guest.access("guest", false, ranges -> {})) {
      entry(vmm, 0x1000, (iova >>> 39) & 0x1FF, 0x2007);
      entry(vmm, 0x2000, (iova >>> 30) & 0x1FF, 0x3007);
      entry(vmm, 0x3000, (iova >>> 21) & 0x1FF, 0x4007);
      entry(vmm, 0x4000, (iova >>> 12) & 0x1FF, 0x9007);
      ByteBuffer stage = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
      stage.putLong(0).putLong(0x1000).putInt(48).putInt(0).flip();
      Domain nested =
          domains.create(
              DomainRequest.nested(nic.handle(), parent.handle(), new Blob("vtd.hwpt-s1", stage)));
      nic.attach(new AttachTarget.Table(nested.handle()), NONE);
      assertEquals(TransferStatus.OK, store(platform.engine(NIC), NONE, iova + 8, 66));
      ByteBuffer seen = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
      vmm.read(0x9008, seen);
      assertEquals("the guest sees the device's write", 66, seen.flip().getLong());
      nic.detach(NONE);
      nested.destroy();
    }
    parent.destroy();
    guest.unmapAll();
    guest.destroy();
  }

  private static void entry(Access vmm, long table, long index, long value) {
    ByteBuffer bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value);
    vmm.write(table + 8 * index, bytes.flip());
  }

  /**
   * Shared virtual addresses: a process's space at a PASID, memory that comes when it is touched;
   * the device asks for the page and goes on.
   */
  @Test
  @Requirement(3)
  public void sharedVirtualAddresses() {
    platform.find(FaultRouter.class);
    platform.find(FaultService.class).timeout(DrainScope.ALL, TimeUnit.SECONDS.toNanos(20));
    Device gpu = bind(GPU, 3);
    AddressSpace process = space("process", memory("heap", 8, true), 0x7000_0000L);
    gpu.attach(new AttachTarget.Space(process.handle()), 5);
    DmaEngine engine = platform.engine(GPU);
    assertEquals(TransferStatus.OK, store(engine, 5, 0x7000_2000L, 9));
    assertEquals(9, load(engine, 5, 0x7000_2000L));
    gpu.detach(5);
    process.unmapAll();
    process.destroy();
  }

  /**
   * Slices of one device, as mediated devices and scalable IOV have them: a PASID each, a space
   * each, and no way from one into the other.
   */
  @Test
  @Requirement({3, 5})
  public void slicesOfOneDevice() {
    Device gpu = bind(GPU, 4);
    AddressSpace one = space("one", memory("first", 4, false), 0x10_0000);
    AddressSpace two = space("two", memory("second", 4, false), 0x10_0000);
    gpu.attach(new AttachTarget.Space(one.handle()), 1);
    gpu.attach(new AttachTarget.Space(two.handle()), 2);
    DmaEngine engine = platform.engine(GPU);
    assertEquals(TransferStatus.OK, store(engine, 1, 0x10_0000, 11));
    assertEquals(TransferStatus.OK, store(engine, 2, 0x10_0000, 22));
    assertEquals(11, load(engine, 1, 0x10_0000));
    assertEquals(22, load(engine, 2, 0x10_0000));
    gpu.detach(1);
    assertEquals(TransferStatus.FAULT, store(engine, 1, 0x10_0000, 33));
    assertEquals(22, load(engine, 2, 0x10_0000));
    gpu.detach(2);
    List.of(one, two)
        .forEach(
            space -> {
              space.unmapAll();
              space.destroy();
            });
  }
}
